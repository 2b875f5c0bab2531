import { isDeepStrictEqual } from 'node:util';
import type { Box, Camera, Condition, Finding, IncidentKind, ObjectClass } from '@gatehouse/contracts';
import { dedupeKeyOf, type EngineOptions, IncidentEngine } from '@gatehouse/incidents';
import type { ReadSegment } from '@gatehouse/store';

/** An incident that a run raised: one occupancy from its opening on. Times on the frame timeline, ms. */
export interface Raised {
  readonly kind: IncidentKind;
  readonly zone: string;
  readonly occupancy: string;
  readonly sinceMs: number;
  readonly openedMs: number;
  readonly clearedMs?: number;
  readonly class?: ObjectClass;
  readonly box?: Box;
  readonly gates: readonly Condition[];
}

export interface RunResult {
  readonly fromMs: number;
  readonly toMs: number;
  readonly frames: number;
  readonly raised: readonly Raised[];
}

/**
 * Runs the rules over stored segments with the zones of `camera`, and returns the incidents they would have
 * raised.
 *
 * With the zones that were in force all the time these are the real incidents, also across a restart of the
 * box: there the rules had gone on from their saved state, and so does the run. Once the zones differ, the
 * run goes on by itself.
 * @param segments oldest first
 * @param onSegment called after each
 */
export function runOver(
  camera: Camera,
  calendar: EngineOptions,
  segments: Iterable<ReadSegment>,
  onSegment: () => void = () => undefined,
): RunResult {
  let engine: IncidentEngine | undefined;
  let asItWas = true;
  let fromMs: number | undefined;
  let toMs = 0;
  let count = 0;
  const raised = new Map<string, Raised>();
  for (const { opening, frames } of segments) {
    asItWas &&= isDeepStrictEqual(opening.zones, camera.zones);
    if (!engine || (opening.resumed && asItWas)) {
      engine = new IncidentEngine([camera], calendar);
      engine.restore(opening.state);
    }
    engine.fireAlarm = opening.fireAlarm ?? false;
    for (const frame of frames) {
      for (const finding of engine.step(frame)) take(raised, finding);
      fromMs ??= frame.atMs;
      toMs = frame.atMs;
      count++;
    }
    onSegment();
  }
  return { fromMs: fromMs ?? 0, toMs, frames: count, raised: [...raised.values()] };
}

function take(raised: Map<string, Raised>, finding: Finding): void {
  const key = dedupeKeyOf(finding);
  const { kind, zone, occupancy, phase, evidence } = finding;
  const { class: name, box, sinceMs, atMs, gates } = evidence;
  const known = raised.get(key);
  if (phase === 'opened' && !known)
    raised.set(key, {
      kind,
      zone,
      occupancy,
      sinceMs,
      openedMs: atMs,
      gates,
      ...(name ? { class: name } : {}),
      ...(box ? { box } : {}),
    });
  else if (phase === 'cleared' && known) raised.set(key, { ...known, clearedMs: atMs });
}
