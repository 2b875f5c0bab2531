import { type CameraStatus, type ModelInUse, processorShort, type ServiceHealth } from '@gatehouse/contracts';
import type { GatehouseError, ProcessorState } from '@gatehouse/kit';
import type { LaneStatus } from '../infer/inference-lane.ts';
import type { Failure } from '../infer/protocol.ts';

/** What health needs to know of a detector's lane. */
export interface ModelLane {
  /** What the site calls it. */
  readonly model: string;
  readonly status: LaneStatus;
  /** The model that was chosen for it, once one was. */
  readonly inUse?: ModelInUse | undefined;
  /** Why it is not the one that ought to run, if that is a fault. */
  readonly fault?: GatehouseError | undefined;
  /** Why it runs on the CPU and not where the site wants it. */
  readonly providerFault?: Failure | undefined;
}

export interface VisionFacts {
  readonly cameras: readonly CameraStatus[];
  readonly lanes: readonly ModelLane[];
  /** Why cameras are decoded in software although the site wants hardware. */
  readonly decodeFault?: GatehouseError | undefined;
  readonly processor?: ProcessorState | undefined;
}

/** How the service is, in one line that names the worst thing first, and which models run. Pure. */
export function visionHealth({ cameras, lanes, decodeFault, processor }: VisionFacts): ServiceHealth {
  const models = lanes.flatMap(({ inUse, status }) => (inUse && status.state === 'ready' ? [inUse] : []));
  const slower = [lanes.find(({ providerFault }) => providerFault)?.providerFault, decodeFault];
  const starved = processor && processorShort(processor);
  // A shortage ends by itself, and the runtime tells it too: what a person has to mend stands before it.
  const troubles = [
    trouble(cameras, lanes),
    ...slower.map((fault) => fault && `${fault.code}: ${fault.message} ${fault.remedy}`),
    starved?.detail,
  ].filter((text) => text !== undefined);
  const detail = troubles.length > 0 ? troubles.join(' ') : undefined;
  return {
    status: detail === undefined ? 'ok' : 'degraded',
    ...(detail === undefined ? {} : { detail: short(detail) }),
    ...(models.length > 0 ? { models } : {}),
    ...(starved ? { processor: starved.processor } : {}),
  };
}

function trouble(cameras: readonly CameraStatus[], lanes: readonly ModelLane[]): string | undefined {
  const broken = lanes.find(({ status }) => status.failure !== undefined);
  if (broken?.status.failure) {
    const { code, message, remedy } = broken.status.failure;
    return `model ${broken.model}: ${code}: ${message} ${remedy}`;
  }
  const replaced = lanes.find(({ fault }) => fault !== undefined);
  if (replaced?.fault && replaced.inUse?.instead) {
    const { fault, inUse } = replaced;
    return `model ${replaced.inUse.instead.id} does not run (${fault.code}), ${inUse.id} runs instead. ${fault.remedy.replace(/\.$/, '')}; then start the vision service again.`;
  }
  const absent = cameras.filter(({ state, reason }) => state !== 'live' && reason !== 'PROCESSOR_SHORT');
  if (absent.length === 0) return undefined;
  const list = absent.map(({ id, state, reason }) => `${id} ${state}${reason ? ` (${reason})` : ''}`);
  return `${absent.length} of ${cameras.length} cameras not live: ${list.join(', ')}.`;
}

/** As long as the contract lets it be, characters. */
function short(detail: string): string {
  return detail.length > 300 ? `${detail.slice(0, 299)}…` : detail;
}
