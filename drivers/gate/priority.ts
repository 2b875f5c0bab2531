import type { DeviceCommand } from '@gatehouse/contracts';
import type { Priority } from '../bus/request-queue.ts';

/**
 * Whose turn it is on the bus (doors.md, contract 8): fire and reflexes, then a person's stop or open, then what comes from
 * afar or by the clock, then polls. A lowering is never urgent.
 */
export function priorityOf({ action, origin }: Pick<DeviceCommand, 'action' | 'origin'>): Priority {
  if (origin.channel === 'box') return 'safety';
  const byAPerson = origin.channel === 'console' || origin.channel === 'cli';
  return byAPerson && action !== 'close' && action !== 'release' ? 'guard' : 'remote';
}
