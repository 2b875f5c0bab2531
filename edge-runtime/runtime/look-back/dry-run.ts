import { isDeepStrictEqual } from 'node:util';
import type {
  Box,
  Camera,
  Condition,
  Finding,
  IncidentKind,
  ObjectClass,
  TrackFrame,
} from '@gatehouse/contracts';
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
  /** As of its opening: added to these times it gives those of the box's wall clock. */
  readonly wallOffsetMs: number;
  readonly class?: ObjectClass;
  readonly box?: Box;
  readonly gates: readonly Condition[];
}

/** A stretch of frames without a step of the clock or a long gap, by the box's wall clock, ms. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RunResult {
  /** In the order in which they were recorded. */
  readonly spans: readonly Span[];
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
  const spans = new Spans();
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
      spans.take(frame);
      count++;
    }
    onSegment();
  }
  return { spans: spans.all, frames: count, raised: [...raised.values()] };
}

/** A longer time without frames, or a time that goes back, begins another span: nothing was judged in it. */
const longestGapMs = 3_600_000;

class Spans {
  readonly all: Span[] = [];
  #wallOffsetMs = 0;
  take({ atMs, wallOffsetMs = 0 }: TrackFrame): void {
    const wallMs = atMs + wallOffsetMs;
    const last = this.all.at(-1);
    const gapMs = last ? wallMs - last.toMs : 0;
    const goesOn = wallOffsetMs === this.#wallOffsetMs && gapMs >= 0 && gapMs <= longestGapMs;
    this.#wallOffsetMs = wallOffsetMs;
    if (last && goesOn) this.all.splice(-1, 1, { fromMs: last.fromMs, toMs: wallMs });
    else this.all.push({ fromMs: wallMs, toMs: wallMs });
  }
}

function take(raised: Map<string, Raised>, finding: Finding): void {
  const key = dedupeKeyOf(finding);
  const { kind, zone, occupancy, phase, evidence } = finding;
  const { class: name, box, sinceMs, atMs, wallOffsetMs = 0, gates } = evidence;
  const known = raised.get(key);
  if (phase === 'opened' && !known)
    raised.set(key, {
      kind,
      zone,
      occupancy,
      sinceMs,
      openedMs: atMs,
      wallOffsetMs,
      gates,
      ...(name ? { class: name } : {}),
      ...(box ? { box } : {}),
    });
  else if (phase === 'cleared' && known) raised.set(key, { ...known, clearedMs: atMs });
}
