import type { Box, Condition, Finding, IncidentPhase, ObjectClass } from '@gatehouse/contracts';
import type { Candidate, OpenSubject, RuleContext } from './rule.ts';

/**
 * The life of a thing that a rule watches, the same for a vehicle, a queue and a crowd. It is watched until
 * every condition is met. Then it is open, and told of again at most once a minute while it is there. It is
 * cleared once its cause has been gone for long enough. The meaning of these is up to the rule; this only
 * keeps the order. The stored state carries these three fields under these names.
 */
export interface Life {
  readonly openedMs: number | null;
  /** The time of the last finding about it. */
  readonly toldMs: number | null;
  /** As last told. */
  readonly priority: number | null;
}

/** The signs of it that a rule sees in one frame. */
export interface Signs {
  readonly atMs: number;
  /** It is there. While it is not there, nothing is told of it until it is over. */
  readonly present: boolean;
  /** Its cause has been gone for long enough. */
  readonly over: boolean;
  /**
   * Asks if every condition is met. Called only while it is not open: conditions may cost time to measure.
   */
  readonly isMet: () => boolean;
  /** Of the finding of this frame. */
  readonly priority: number;
  /** The priority so far, where a more urgent one is told at once. */
  readonly escalatesFrom?: number;
}

/** The shortest time between two findings about an open incident. */
const tellEveryMs = 60_000;
/**
 * Frame times never step back within a run. After a restart with the clock set back they may, by more than
 * this.
 */
const stepBackMs = 60_000;

/** The phase of the finding to tell now, if any. */
function nextPhase({ openedMs, toldMs }: Life, signs: Signs): IncidentPhase | undefined {
  if (openedMs === null) return signs.present && signs.isMet() ? 'opened' : undefined;
  if (signs.over) return 'cleared';
  if (!signs.present) return undefined;
  if (signs.escalatesFrom !== undefined && signs.priority < signs.escalatesFrom) return 'updated';
  return toldMs !== null && signs.atMs - toldMs >= tellEveryMs ? 'updated' : undefined;
}

/** The same thing after a finding about it. */
function told<T extends Life>(one: T, atMs: number, priority: number): T {
  return { ...one, openedMs: one.openedMs ?? atMs, toldMs: atMs, priority };
}

/** One step of its life. `after` is `undefined` once it is cleared. */
export function live<T extends Life>(
  one: T,
  signs: Signs,
): { readonly phase: IncidentPhase | undefined; readonly after: T | undefined } {
  const phase = nextPhase(one, signs);
  if (phase === undefined) return { phase, after: one };
  return { phase, after: phase === 'cleared' ? undefined : told(one, signs.atMs, signs.priority) };
}

/** A thing whose last finding is on a timeline that may lie ahead of this one. */
export function toldBy<T extends Pick<Life, 'toldMs'>>(one: T, atMs: number): T {
  return { ...one, toldMs: one.toldMs === null ? null : Math.min(one.toldMs, atMs) };
}

/**
 * The order of a frame after the one before: `old`, `next`, or on a timeline that starts anew (the clock was
 * set back).
 */
export function orderOf(lastMs: number | null, atMs: number): 'old' | 'next' | 'anew' {
  if (lastMs === null || atMs > lastMs) return 'next';
  return lastMs - atMs <= stepBackMs ? 'old' : 'anew';
}

/** Time since the frame before, or 0 if it is so long that nobody watched. */
export function watchedMs(lastMs: number | null, atMs: number, gapMs: number): number {
  const pauseMs = lastMs === null ? 0 : atMs - lastMs;
  return pauseMs > 0 && pauseMs <= gapMs ? pauseMs : 0;
}

/** For how long something has held without a break, after one more frame. */
export function lasting(ms: number, holds: boolean, passedMs: number): number {
  return holds ? ms + passedMs : 0;
}

/** A thing that can become an incident. */
export interface Subject extends Life {
  readonly key: string;
  readonly class: ObjectClass;
  readonly box: Box;
  readonly sinceMs: number;
}

type Told = { readonly atMs: number; readonly priority: number; readonly gates: readonly Condition[] };

/** The finding that tells of it. */
export function findingOf(
  kind: Finding['kind'],
  phase: IncidentPhase,
  subject: Subject,
  { atMs, priority, gates }: Told,
  { camera, zone }: Pick<RuleContext<unknown>, 'camera' | 'zone'>,
): Finding {
  const evidence = evidenceOf(subject, atMs, gates);
  return { kind, phase, camera, zone: zone.id, occupancy: subject.key, priority, evidence };
}

export function evidenceOf(subject: Subject, atMs: number, gates: readonly Condition[]): Finding['evidence'] {
  const { class: objectClass, box, sinceMs } = subject;
  return { class: objectClass, box: rounded(box), sinceMs, atMs, gates: [...gates] };
}

export function candidateOf(
  kind: Finding['kind'],
  { key, openedMs, class: objectClass, box, sinceMs }: Subject,
  gates: readonly Condition[],
  zone: string,
): Candidate {
  const phase = openedMs === null ? 'watching' : 'open';
  return { kind, zone, occupancy: key, phase, class: objectClass, box: rounded(box), sinceMs, gates };
}

/** Those that are told as opened and not as cleared. */
export function openOf(subjects: readonly Subject[]): OpenSubject[] {
  return subjects
    .filter(({ openedMs }) => openedMs !== null)
    .map(({ key, priority, class: objectClass, box, sinceMs }) => ({
      key,
      priority: priority ?? 3,
      class: objectClass,
      box: rounded(box),
      sinceMs,
    }));
}

/** The smallest box around all of them; there must be one. */
export function boxAround(boxes: readonly Box[]): Box {
  return {
    x1: Math.min(...boxes.map((b) => b.x1)),
    y1: Math.min(...boxes.map((b) => b.y1)),
    x2: Math.max(...boxes.map((b) => b.x2)),
    y2: Math.max(...boxes.map((b) => b.y2)),
  };
}

export function above(name: string, value: number, threshold: number, unit = 's'): Condition {
  return { name, value, threshold, unit, passed: value >= threshold };
}

/** Whole milliseconds, so that sums of fractional frame times compare as people read them. */
export function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

/** Four decimals: a fifth of a pixel in 4K, and the same text on every machine. */
export function rounded({ x1, y1, x2, y2 }: Box): Box {
  return { x1: round4(x1), y1: round4(y1), x2: round4(x2), y2: round4(y2) };
}

export function round4(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
