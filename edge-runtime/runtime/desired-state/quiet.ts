import type { DesiredWait, DeviceState, FireState, ServiceHealth } from '@gatehouse/contracts';
import type { EventStore } from '@gatehouse/store';

export interface QuietParts {
  readonly devices: { list(): readonly DeviceState[]; readonly fire: FireState };
  readonly store: Pick<EventStore, 'incidents'>;
  readonly services: () => Readonly<Record<string, ServiceHealth>>;
}

/**
 * What stands against changing anything now: something moves, or whether it does is not known; a fire alarm; an open incident that
 * nobody has taken yet. A single board that is out of contact does not: it could be for weeks, and no command of this box runs on it.
 */
export function unquiet({ devices, store, services }: QuietParts): DesiredWait[] {
  const states = devices.list();
  const unknown = services().drivers?.status === 'down' || states.some(({ comms }) => comms === 'starting');
  const { latched, active } = devices.fire;
  return [
    ...(states.some(moves) ? (['DEVICE_MOVING'] as const) : []),
    ...(states.length > 0 && unknown ? (['DRIVERS_UNKNOWN'] as const) : []),
    ...(latched || active.length > 0 ? (['FIRE_ALARM'] as const) : []),
    ...(store.incidents({ open: true, handling: 'new', limit: 1 }).length > 0
      ? (['INCIDENT_UNHANDLED'] as const)
      : []),
  ];
}

function moves({ position, lastCommand }: DeviceState): boolean {
  const state = lastCommand?.state;
  return position === 'opening' || position === 'closing' || state === 'accepted' || state === 'executing';
}
