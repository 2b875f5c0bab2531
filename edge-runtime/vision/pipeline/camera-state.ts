import type { CameraStatus } from '@gatehouse/contracts';
import type { DecodeMode } from '../motion/decode-policy.ts';
import type { PullStatus } from '../puller/puller.ts';
import type { HealthFacts } from './camera-monitor.ts';

/** A camera without an analysed frame for this long is stale: unknown, neither clear nor alarmed. Milliseconds. */
export const staleAfterMs = 5_000;

/** Everything a camera's state follows from. */
export interface CameraFacts {
  readonly id: string;
  /** Now and the times below on the box's frame timeline, milliseconds. */
  readonly nowMs: number;
  readonly startedMs: number;
  /** Capture time of the newest analysed frame. */
  readonly analysedMs: number | undefined;
  readonly pull: PullStatus;
  /** Why the model does not run, if it does not. */
  readonly modelFailure: string | undefined;
  /** Pictures come in but do not decode. */
  readonly undecodable: boolean;
  readonly codec: string | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly analysedFps: number;
  readonly wantedFps: number;
  readonly decoding: DecodeMode;
  readonly gopMs: number | undefined;
  readonly health: HealthFacts;
  /** The box is short of processor: a camera that is analysed late is not at fault. */
  readonly processorShort: boolean;
}

/** What people and rules are told about a camera. Pure. */
export function cameraStatus(facts: CameraFacts): CameraStatus {
  const { id, nowMs, analysedMs, pull, codec, width, height, analysedFps } = facts;
  const state = stateOf(facts);
  const reason = state === 'live' ? undefined : reasonOf(facts, state);
  return {
    id,
    state,
    ...(analysedMs === undefined ? {} : { frameAgeMs: Math.max(0, Math.round(nowMs - analysedMs)) }),
    ...(reason === undefined ? {} : { reason }),
    ...(reason === undefined || pull.detail === undefined ? {} : { reasonDetail: pull.detail }),
    ...(codec === undefined ? {} : { codec }),
    ...(width === undefined ? {} : { width }),
    ...(height === undefined ? {} : { height }),
    analysedFps: Math.round(analysedFps * 100) / 100,
    reconnects: pull.reconnects,
    ...(pull.retryInMs === undefined ? {} : { retryInMs: Math.round(pull.retryInMs) }),
    wantedFps: facts.wantedFps,
    decoding: facts.decoding,
    ...(facts.gopMs === undefined ? {} : { gopMs: Math.round(facts.gopMs) }),
    ...facts.health,
  };
}

function stateOf({ nowMs, startedMs, analysedMs, pull }: CameraFacts): CameraStatus['state'] {
  const fresh = analysedMs !== undefined && nowMs - analysedMs <= staleAfterMs;
  if (fresh) return 'live';
  const failing = pull.phase === 'waiting' || pull.reason !== undefined;
  if (failing) return 'down';
  const young = analysedMs === undefined && nowMs - startedMs <= 2 * staleAfterMs;
  return young ? 'starting' : 'stale';
}

function reasonOf(facts: CameraFacts, state: CameraStatus['state']): string | undefined {
  if (facts.pull.reason !== undefined) return facts.pull.reason;
  if (facts.modelFailure !== undefined) return facts.modelFailure;
  if (state === 'stale' && facts.processorShort) return 'PROCESSOR_SHORT';
  if (facts.undecodable) return 'CAMERA_GARBAGE';
  return state === 'stale' ? 'CAMERA_STALLED' : undefined;
}
