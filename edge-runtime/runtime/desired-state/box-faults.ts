import { type CameraStatus, isWellBesidesProcessor, type ServiceHealth } from '@gatehouse/contracts';
import type { Fault } from './rollback-watch.ts';

export interface BoxParts {
  readonly cameras: { list(): readonly CameraStatus[] };
  readonly rules: { rulesAgeMs(camera: string): number | undefined };
  readonly services: () => Readonly<Record<string, ServiceHealth>>;
}

/**
 * A still camera is analysed by its keyframes only, which may be 4 s apart. If no frame gets through for
 * longer, the camera is stuck.
 */
const rulesStuckMs = 20_000;
/**
 * Services whose worse health a change of zones or flows could have caused; the link upstream comes and goes
 * by itself.
 */
const services = ['vision', 'drivers', 'flows'] as const;

/** The box's faults now, to compare before and after a change. */
export function boxFaults(parts: BoxParts): Fault[] {
  const cameras = parts.cameras.list();
  const known = parts.services();
  return [
    ...cameras.flatMap(({ id, state }): Fault[] =>
      state === 'live' ? [] : [{ reason: 'CAMERA_NOT_LIVE', subject: id }],
    ),
    ...cameras.flatMap(({ id, state }): Fault[] => {
      const ageMs = parts.rules.rulesAgeMs(id) ?? Number.POSITIVE_INFINITY;
      return state === 'live' && ageMs > rulesStuckMs ? [{ reason: 'RULES_STOPPED', subject: id }] : [];
    }),
    ...services.flatMap((subject): Fault[] => {
      const health: ServiceHealth = known[subject] ?? { status: 'down' };
      // A shortage of processor alone is no fault of the change. A failure that it causes counts.
      const status = isWellBesidesProcessor(health) ? 'ok' : health.status;
      const degraded: Fault = { reason: 'SERVICE_DEGRADED', subject };
      // Down is worse than degraded: a change from degraded to down counts as a new fault, and the reverse
      // does not.
      if (status === 'down') return [degraded, { reason: 'SERVICE_DOWN', subject }];
      return status === 'degraded' ? [degraded] : [];
    }),
  ];
}
