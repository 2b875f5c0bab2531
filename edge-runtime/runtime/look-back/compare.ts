import {
  type DryRunResult,
  type Incident,
  iou,
  maxDryRunRows,
  type WouldMiss,
  type WouldRaise,
} from '@gatehouse/contracts';
import type { Raised, RunResult } from './dry-run.ts';

/** Boxes of one thing at one place overlap at least this much, even if a later frame decided. */
const samePlaceIou = 0.3;

/**
 * Compares the incidents of a run with the real ones of the same hours. Two are about the same thing if rule
 * and zone are the same, their times overlap and, where both have a box, so do their places; each incident
 * answers for one at most. Times are compared on the frame timeline, so a step of the clock parts none; the
 * result has them by the wall clock.
 * @param really incidents of the camera that were opened within the run's spans
 */
export function compared(run: RunResult, really: readonly Incident[]): DryRunResult {
  const left = new Set(really);
  const wouldRaise = run.raised.map((raised): WouldRaise => {
    const { occupancy: _, gates, wallOffsetMs, sinceMs, openedMs, clearedMs, ...facts } = raised;
    const same = bestMatch(raised, left);
    if (same) left.delete(same);
    const { verdict } = same?.handling ?? {};
    return {
      ...facts,
      sinceMs: sinceMs + wallOffsetMs,
      openedMs: openedMs + wallOffsetMs,
      ...(clearedMs === undefined ? {} : { clearedMs: clearedMs + wallOffsetMs }),
      gates: [...gates],
      ...(same ? { really: { id: same.id, ...(verdict ? { verdict } : {}) } } : {}),
    };
  });
  const wouldMiss = [...left].map(missed);
  const toMs = run.spans.at(-1)?.toMs ?? 0;
  const lengthMs = run.spans.reduce((sum, span) => sum + span.toMs - span.fromMs, 0);
  return {
    fromMs: toMs - lengthMs,
    toMs,
    frames: run.frames,
    raised: wouldRaise.length,
    missed: wouldMiss.length,
    wouldRaise: wouldRaise.slice(0, maxDryRunRows),
    wouldMiss: wouldMiss.slice(0, maxDryRunRows),
  };
}

function missed({ id, kind, zone, openedAt, handling }: Incident): WouldMiss {
  return {
    id,
    kind,
    zone: zone ?? '',
    openedMs: Date.parse(openedAt),
    ...(handling.verdict ? { verdict: handling.verdict } : {}),
  };
}

function bestMatch(raised: Raised, among: Iterable<Incident>): Incident | undefined {
  let best: Incident | undefined;
  let bestMs = 0;
  for (const incident of among) {
    const sharedMs = isSamePlace(raised, incident) ? overlapMs(raised, incident) : 0;
    if (sharedMs <= bestMs) continue;
    best = incident;
    bestMs = sharedMs;
  }
  return best;
}

function isSamePlace({ kind, zone, box }: Raised, incident: Incident): boolean {
  if (incident.kind !== kind || incident.zone !== zone) return false;
  const other = incident.evidence?.box;
  return !box || !other || iou(box, other) >= samePlaceIou;
}

/** On the frame timeline. One that was not cleared has no end: it overlaps all that came after it. */
function overlapMs(raised: Raised, { evidence, openedAt, phase }: Incident): number {
  const sinceMs = evidence?.sinceMs ?? Date.parse(openedAt);
  const clearedMs = phase === 'cleared' ? evidence?.atMs : undefined;
  const to = Math.min(raised.clearedMs ?? Number.MAX_SAFE_INTEGER, clearedMs ?? Number.MAX_SAFE_INTEGER);
  return to - Math.max(raised.sinceMs, sinceMs);
}
