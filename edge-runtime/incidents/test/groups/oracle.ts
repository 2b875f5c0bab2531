/**
 * The incidents that a group's script must raise, from its times and counts alone. Imports nothing of the
 * product.
 */
import type { Found } from '../scenes/oracle.ts';
import { inside, type Span } from '../scenes/script.ts';
import { endOf, type GroupScript, staysOf, toleranceS } from './script.ts';

/** Alarm delay at most 2 s beyond dwell. */
const delayS = 2;
/** Script times are tenths of seconds. */
const tick = 0.1;

export interface Due {
  readonly opened: Span;
  /** Absent: it stays to the end. */
  readonly cleared?: Span;
}

/** The incidents that are due, in order; `undefined` where the script is too close to a threshold to say. */
export function dueOf(script: GroupScript): Due[] | undefined {
  const { forS, clearS, fps, rule } = script;
  const watched = watchedIn(script);
  const standsS = rule === 'crowd' ? togetherTime(script, watched) : stuckTime(script, watched);
  const ticks = Math.ceil(endOf(script) / tick);
  const due: Due[] = [];
  if (standsS.some((s, n) => s >= forS - 3 && s < forS - 1e-6 && (standsS[n + 1] ?? 0) < s)) return undefined;
  for (let n = 0; n < ticks; n++) {
    if ((standsS[n] ?? 0) < forS - 1e-6) continue;
    const t = n * tick;
    const opened = { fromS: t - 1.5, toS: latest(script, t, delayS + 5 / fps) };
    if (!holdsUntil(script, opened.toS)) return undefined;
    n = endOfFew(script, n, watched);
    if (n >= ticks) return tooClose(script, watched) ? undefined : [...due, { opened }];
    // A person who leaves is near for some steps, and remembered for moments.
    const slackS = (rule === 'crowd' ? 6 : 3) + 4 / fps;
    const cleared = { fromS: n * tick - 1, toS: latest(script, n * tick, slackS) };
    if (cleared.toS > endOf(script)) return undefined;
    due.push({ opened, cleared });
  }
  return due;

  function tooClose({ phases, few }: GroupScript, isWatched: (t: number) => boolean): boolean {
    const last = phases.at(-1);
    return (
      last !== undefined && isWatched(last.fromS) && last.count <= few && last.toS - last.fromS > clearS - 3
    );
  }
}

/** The tick at which few have been left for long enough, from one on. */
function endOfFew(script: GroupScript, from: number, watched: (t: number) => boolean): number {
  let fewS = 0;
  let n = from;
  for (; n * tick < endOf(script) && fewS < script.clearS - 1e-6; n++)
    if (watched(n * tick)) fewS = countAt(script, n * tick) <= script.few ? fewS + tick : 0;
  return fewS < script.clearS - 1e-6 ? Number.POSITIVE_INFINITY : n;
}

/** At each tick, how long enough people have been together; moments with fewer do not count against them. */
function togetherTime(script: GroupScript, watched: (t: number) => boolean): number[] {
  let heldS = 0;
  let missedS = 0;
  return eachTick(script, (t) => {
    const passedS = watched(t) && t > 0 ? tick : 0;
    const enough = countAt(script, t) >= script.many;
    if (enough) [heldS, missedS] = [heldS + missedS + passedS, 0];
    else if (heldS > 0) missedS += passedS;
    if (missedS > toleranceS(script.forS)) heldS = missedS = 0;
    return enough ? heldS : 0;
  });
}

/**
 * At each tick, the time for which so many have not moved: as long as the one that has stood shortest of the
 * longest ones.
 */
function stuckTime(script: GroupScript, watched: (t: number) => boolean): number[] {
  const stays = staysOf(script);
  let watchedS = 0;
  /** Watched time up to the beginning of each stay. */
  const before = new Map<Span, number>();
  return eachTick(script, (t) => {
    const standing = stays.filter((one) => inside(t, one)).toSorted((a, b) => a.fromS - b.fromS);
    for (const one of standing) if (!before.has(one)) before.set(one, watchedS);
    if (watched(t)) watchedS += tick;
    const decisive = standing[script.many - 1];
    return decisive ? watchedS - (before.get(decisive) ?? 0) : 0;
  });
}

function eachTick(script: GroupScript, value: (t: number) => number): number[] {
  return Array.from({ length: Math.ceil(endOf(script) / tick) }, (_, n) => value(n * tick));
}

function countAt({ phases }: GroupScript, t: number): number {
  return phases.find((phase) => inside(t, phase))?.count ?? 0;
}

/** A longer pause is time that nobody watched. */
function watchedIn({ pauses, forS, fps }: GroupScript): (t: number) => boolean {
  const blind = pauses.filter(({ fromS, toS }) => toS - fromS + 1 / fps > toleranceS(forS));
  return (t) => !blind.some((pause) => inside(t, pause));
}

/** The latest it can be told. Everything that keeps the detector from seeing it makes it later. */
function latest({ pauses, dropouts }: GroupScript, t: number, slackS: number): number {
  let toS = t + slackS;
  for (const span of [...pauses, ...dropouts].toSorted((a, b) => a.fromS - b.fromS))
    if (span.fromS < toS && span.toS > t - slackS - 6)
      toS = Math.max(toS, span.toS + slackS, toS + span.toS - span.fromS);
  return toS;
}

/** True if a due incident still holds when it is told at the latest. */
function holdsUntil(script: GroupScript, toS: number): boolean {
  const { many, phases } = script;
  const now = phases.find((phase) => inside(toS, phase));
  const before = phases.find((phase) => inside(toS - 2 * delayS - 4, phase));
  return now !== undefined && now.count >= many && now.place === (before?.place ?? now.place);
}

/** The mistake in the findings of a scene, or `undefined`. */
export function judge(due: readonly Due[], found: readonly Found[]): string | undefined {
  const stories = [...Map.groupBy(found, (f) => f.occupancy).values()];
  const raised = stories.map((story) => ({ openedS: story[0]?.t ?? 0, last: story.at(-1) }));
  const problem = stories.map(wrongOrder).find((wrong) => wrong !== undefined);
  if (problem) return problem;
  if (raised.length !== due.length)
    return `${raised.length} incidents at ${raised.map(({ openedS }) => openedS)}, due ${JSON.stringify(due)}`;
  for (const [i, { opened, cleared }] of due.entries()) {
    const one = raised[i];
    if (!one || !inside(one.openedS, opened))
      return `opened at ${one?.openedS}, due ${JSON.stringify(opened)}`;
    const clearedS = one.last?.phase === 'cleared' ? one.last.t : Number.POSITIVE_INFINITY;
    const last = cleared ?? { fromS: Number.POSITIVE_INFINITY, toS: Number.POSITIVE_INFINITY };
    if (clearedS !== last.fromS && !inside(clearedS, last))
      return `cleared at ${clearedS}, due ${JSON.stringify(cleared)}`;
  }
  return undefined;
}

/** Opened once, told of again at most once a minute, cleared at most once. */
function wrongOrder(story: readonly Found[]): string | undefined {
  const phases = story.map(({ phase }) => phase).join(' ');
  if (!/^opened( updated)*( cleared)?$/.test(phases)) return phases;
  const early = story.find((f, i) => f.phase === 'updated' && f.t - (story[i - 1]?.t ?? 0) < 59.9);
  return early && `told of again at ${early.t}`;
}
