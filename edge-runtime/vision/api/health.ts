import {
  type CameraStatus,
  errorFault,
  faultBy,
  faultsNaming,
  type HealthFault,
  healthFault,
  type ModelInUse,
  processorShort,
  type ServiceHealth,
  serviceHealth,
} from '@gatehouse/contracts';
import { type GatehouseError, type ProcessorState, toldError } from '@gatehouse/kit';
import type { LaneStatus } from '../infer/inference-lane.ts';
import type { Failure } from '../infer/protocol.ts';

/** The part of a detector's lane that health looks at. */
export interface ModelLane {
  /** The model's name in the site file. */
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

/** All that is not well, and which models run. Pure. */
export function visionHealth({ cameras, lanes, decodeFault, processor }: VisionFacts): ServiceHealth {
  const models = lanes.flatMap(({ inUse, status }) => (inUse && status.state === 'ready' ? [inUse] : []));
  const starved = processor && processorShort(processor);
  const faults = [
    ...lanes.flatMap(laneFaults),
    ...absentCameras(cameras),
    ...lanes.flatMap(({ providerFault }) => (providerFault ? [slower(providerFault)] : [])),
    ...(decodeFault ? [slower(decodeFault)] : []),
    // A shortage ends by itself, and the runtime reports it too. A fault that a person has to mend stands
    // before it.
    ...(starved ? [starved.fault] : []),
  ];
  return {
    ...serviceHealth(faults),
    ...(models.length > 0 ? { models } : {}),
    ...(starved ? { processor: starved.processor } : {}),
  };
}

function laneFaults({ model, status, fault, inUse }: ModelLane): HealthFault[] {
  if (status.failure) {
    const failure = toldError(status.failure, 'environment');
    return [faultBy('watch', 'MODEL_NOT_RUNNING', failure, { model })];
  }
  if (!fault || !inUse?.instead) return [];
  const { code, remedy } = fault;
  const values = { model: inUse.instead.id, other: inUse.id, code, remedy: remedy.replace(/\.?$/, '.') };
  return [healthFault('watch', 'MODEL_REPLACED', values)];
}

function absentCameras(cameras: readonly CameraStatus[]): HealthFault[] {
  const absent = cameras.filter(({ state, reason }) => state !== 'live' && reason !== 'PROCESSOR_SHORT');
  const names = absent.map(({ id, state, reason }) => `${id} ${state}${reason ? ` (${reason})` : ''}`);
  const values = { count: absent.length, all: cameras.length };
  return faultsNaming('watch', 'CAMERAS_NOT_LIVE', names, values);
}

function slower(failure: Failure): HealthFault {
  return errorFault('comfort', toldError(failure, 'environment'));
}
