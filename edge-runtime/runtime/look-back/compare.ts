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
 * answers for one at most.
 * @param really incidents of the camera that were opened within the run's time
 */
export function compared(run: RunResult, really: readonly Incident[]): DryRunResult {
  const left = new Set(really);
  const wouldRaise = run.raised.map((raised): WouldRaise => {
    const { occupancy: _, gates, ...facts } = raised;
    const same = bestMatch(raised, left, run.toMs);
    if (same) left.delete(same);
    const { verdict } = same?.handling ?? {};
    return {
      ...facts,
      gates: [...gates],
      ...(same ? { really: { id: same.id, ...(verdict ? { verdict } : {}) } } : {}),
    };
  });
  const wouldMiss = [...left].map(missed);
  const { fromMs, toMs, frames } = run;
  return {
    fromMs,
    toMs,
    frames,
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

function bestMatch(raised: Raised, among: Iterable<Incident>, endMs: number): Incident | undefined {
  let best: Incident | undefined;
  let bestMs = 0;
  for (const incident of among) {
    const sharedMs = isSamePlace(raised, incident) ? overlapMs(raised, incident, endMs) : 0;
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

function overlapMs(raised: Raised, { evidence, openedAt, clearedAt }: Incident, endMs: number): number {
  const from = Math.max(raised.sinceMs, evidence?.sinceMs ?? Date.parse(openedAt));
  // An incident without a clearing goes on past the end, so that one raised with the last frame still has a
  // length.
  const open = endMs + 1;
  const to = Math.min(raised.clearedMs ?? open, clearedAt ? Date.parse(clearedAt) : open);
  return to - from;
}
