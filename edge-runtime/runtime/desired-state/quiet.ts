import type { CameraStatus, DesiredWait, DeviceState, FireState, ServiceHealth } from '@gatehouse/contracts';
import type { EventStore } from '@gatehouse/store';

export interface QuietParts {
  readonly devices: { list(): readonly DeviceState[]; readonly fire: FireState };
  readonly store: Pick<EventStore, 'incidents'>;
  readonly services: () => Readonly<Record<string, ServiceHealth>>;
  readonly cameras: { list(): readonly CameraStatus[] };
  /** Milliseconds since this process started. */
  readonly upMs: () => number;
}

/**
 * After a start the box's health is known within this time at most. A fault after that is not due to the
 * start.
 */
const settlesMs = 60_000;

/**
 * Reasons against any change now: something moves or may move; a fire alarm; an open incident that nobody has
 * taken yet; a box that has just started, because there is no earlier health to compare with. A single board
 * that is out of contact is no reason: that can last for weeks, and no command of this box runs on it.
 */
export function unquiet({ devices, store, services, cameras, upMs }: QuietParts): DesiredWait[] {
  const states = devices.list();
  const unknown = services().drivers?.status === 'down' || states.some(({ comms }) => comms === 'starting');
  const { vision, drivers, flows } = services();
  const allWell = [vision, drivers, flows].every((health) => health?.status === 'ok');
  const allSeen = cameras
    .list()
    .every(({ state, reason }) => state !== 'starting' && reason !== 'VISION_DOWN');
  const starting = upMs() < settlesMs && !(allWell && allSeen);
  const { latched, active } = devices.fire;
  return [
    ...(states.some(moves) ? (['DEVICE_MOVING'] as const) : []),
    ...(states.length > 0 && unknown ? (['DRIVERS_UNKNOWN'] as const) : []),
    ...(latched || active.length > 0 ? (['FIRE_ALARM'] as const) : []),
    ...(store.incidents({ open: true, handling: 'new', limit: 1 }).length > 0
      ? (['INCIDENT_UNHANDLED'] as const)
      : []),
    ...(starting ? (['STARTING'] as const) : []),
  ];
}

function moves({ position, lastCommand }: DeviceState): boolean {
  const state = lastCommand?.state;
  return position === 'opening' || position === 'closing' || state === 'accepted' || state === 'executing';
}
