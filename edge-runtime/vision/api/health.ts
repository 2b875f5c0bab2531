import type { CameraStatus, ServiceHealth } from '@gatehouse/contracts';
import type { LaneStatus } from '../infer/inference-lane.ts';

/** What health needs to know of a detector's lane. */
export interface ModelLane {
  readonly model: string;
  readonly status: LaneStatus;
}

/** How the service is, in one line that names the worst thing first. Pure. */
export function visionHealth(cameras: readonly CameraStatus[], lanes: readonly ModelLane[]): ServiceHealth {
  const broken = lanes.find(({ status }) => status.failure !== undefined);
  if (broken?.status.failure) {
    const { code, message, remedy } = broken.status.failure;
    return degraded(`model ${broken.model}: ${code}: ${message} ${remedy}`);
  }
  const absent = cameras.filter(({ state }) => state !== 'live');
  if (absent.length === 0) return { status: 'ok' };
  const list = absent.map(({ id, state, reason }) => `${id} ${state}${reason ? ` (${reason})` : ''}`);
  return degraded(`${absent.length} of ${cameras.length} cameras not live: ${list.join(', ')}.`);
}

function degraded(detail: string): ServiceHealth {
  return { status: 'degraded', detail: detail.length > 300 ? `${detail.slice(0, 299)}…` : detail };
}
