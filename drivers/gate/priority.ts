import type { DeviceCommand } from '@gatehouse/contracts';
import type { Priority } from '../bus/request-queue.ts';

/**
 * Whose turn it is on the bus (doors.md, contract 8): what a fire holds open, then the box's reflexes, then a person's stop,
 * then a person's open, then what comes from afar, then what the clock asks for; polls come last. A lowering is never urgent.
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
