import type { CommandOrigin, DeviceCommand } from '@gatehouse/contracts';
import type { Priority } from '../bus/request-queue.ts';

/**
 * Whose turn it is on the bus (drivers/README.md): what a fire holds open, then the box's reflexes, then a
 * person's stop, then a person's open, then what comes from afar, then what the clock asks for; polls come
 * last. A lowering is never urgent.
 */
export function priorityOf({ action, origin }: Pick<DeviceCommand, 'action' | 'origin'>): Priority {
  switch (origin.channel) {
    case 'box':
      return action === 'hold-open' ? 'fire' : 'safety';
    case 'console':
    case 'cli':
      if (action === 'stop') return 'stop';
      return action === 'close' || action === 'release' ? 'remote' : 'guard';
    case 'reader':
      return 'guard';
    case 'schedule':
      return 'schedule';
    default:
      return 'remote';
  }
}

/**
 * Commands that must be on the wire before anything newer takes over, and that do not wait for the disk: the
 * box's own (2), then a person's stop (1). All else is 0.
 */
export function urgencyOf(command: Pick<DeviceCommand, 'action' | 'origin'>): 0 | 1 | 2 {
  if (command.origin.channel === 'box') return 2;
  return priorityOf(command) === 'stop' ? 1 : 0;
}

/** Somebody who stands at the box: a full disk takes nothing away from them that it can keep. */
export function isAtTheBox({ channel }: Pick<CommandOrigin, 'channel'>): boolean {
  return channel === 'console' || channel === 'cli';
}

/** Whether something newer takes over at once; else only once the older, more urgent one has been written. */
export function takesOver(newer: number, older: number, olderIsWritten: boolean): boolean {
  return olderIsWritten || newer >= older;
}
