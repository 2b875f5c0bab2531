/**
 * The incidents of congestion that a street must raise, from its script alone. Imports nothing of the product
 * (see script.ts).
 */
import type { Found } from '../scenes/oracle.ts';
import { inside, type Span } from '../scenes/script.ts';
import { type Mistake, orderOf } from './mistakes.ts';
import { inZone, type Script, type Stand, standsOf } from './script.ts';
import { clearedOf, delayS, dueOf } from './stays.ts';

interface Jam {
  readonly opened: Span;
  /** Absent: it stays to the end. */
  readonly cleared?: Span;
}

/** One vehicle at one place, and when it has been stuck there for long enough. */
interface Stuck {
  readonly actor: number;
  readonly stand: Stand;
  readonly earlyS: number;
  readonly lateS: number;
}

/** A car that moved up stands for certain after so long. */
const standsS = 2;
/** Fewer for longer than this beyond the time that clears, and it does. */
const closeS = 2;

/** The jams that are due, in order; `undefined` where the script is too close to a threshold to say. */
export function jamsOf(script: Script): Jam[] | undefined {
  const stuck = stuckIn(script);
  const jams: Jam[] = [];
  let fromS = 0;
  while (fromS < script.endS) {
    const earlyS = firstOf(script, stuck, ({ earlyS: s }) => s, fromS);
    const lateS = firstOf(script, stuck, ({ lateS: s }) => s, fromS);
    if (earlyS === undefined) return jams;
    if (lateS === undefined) return undefined;
    const opened = { fromS: earlyS, toS: lateS };
    const fewS = fewFrom(script, stuck, lateS);
    if (fewS === 'close') return undefined;
    if (fewS === undefined) return [...jams, { opened }];
    const clearS = fewS + script.clearS;
    const cleared = { fromS: clearS - 1 - 1 / script.fps, toS: latestClear(script, stuck, fewS) };
    if (cleared.toS > script.endS) return undefined;
    jams.push({ opened, cleared });
    fromS = clearS;
  }
  return jams;
}

function stuckIn(script: Script): Stuck[] {
  return script.actors.flatMap((actor, index) =>
    (actor.is === 'vehicle' ? standsOf(actor).filter(inZone) : []).map((stand) => {
      const { opened } = dueOf(script, { actor: index, stands: [stand] }, script.dwellS);
      return { actor: index, stand, earlyS: opened.fromS, lateS: opened.toS };
    }),
  );
}

/** The first time at which so many have been stuck for long enough. */
function firstOf(
  { many }: Script,
  stuck: readonly Stuck[],
  dueS: (one: Stuck) => number,
  fromS: number,
): number | undefined {
  const times = stuck.map((one) => Math.max(fromS, dueS(one))).toSorted((a, b) => a - b);
  return times.find(
    (t) =>
      t < Number.POSITIVE_INFINITY &&
      stuck.filter((one) => dueS(one) <= t && t <= one.stand.toS).length >= many,
  );
}

/** Since when too few have stood, for long enough to clear it. */
function fewFrom({ many, clearS, endS, fps, pauses }: Script, stuck: readonly Stuck[], fromS: number) {
  const times = stuck.flatMap(({ stand }) => [stand.fromS, stand.toS]).filter((t) => t > fromS && t < endS);
  const standing = (t: number) => stuck.filter(({ stand }) => inside(t, stand)).length;
  let fewS: number | undefined;
  for (const t of [fromS, ...new Set(times.toSorted((a, b) => a - b)), endS]) {
    const few = t < endS && standing(t) < many;
    if (!few && fewS !== undefined) {
      const lastsS = t - fewS - unseenS(pauses, { fromS: fewS, toS: t });
      if (lastsS > clearS + closeS) return fewS;
      if (lastsS + standsS + 2 / fps > clearS - 1) return 'close';
    }
    fewS = few ? (fewS ?? t) : undefined;
  }
  return undefined;
}

/** Nobody sees in a pause that fewer stand. */
function unseenS(pauses: readonly Span[], { fromS, toS }: Span): number {
  return pauses.reduce((sum, p) => sum + Math.max(0, Math.min(p.toS, toS) - Math.max(p.fromS, fromS)), 0);
}

/** The latest time to clear: those who left last must be seen to be gone. */
function latestClear(script: Script, stuck: readonly Stuck[], fewS: number): number {
  const left = stuck.filter(({ stand: { toS } }) => toS > fewS - script.clearS && toS <= fewS);
  const ends = left.map(({ actor, stand }) => clearedOf(script, { actor, stands: [stand] }).toS);
  return Math.max(fewS + script.clearS + delayS, ...ends) + 1 + 1 / script.fps;
}

/** The mistakes in the findings of a street with these jams. */
export function mistakesOfJams(jams: readonly Jam[], found: readonly Found[]): Mistake[] {
  const stories = [...Map.groupBy(found, ({ occupancy }) => occupancy)];
  const wrongOrder = stories.flatMap(([stay, story]) => orderOf(stay, story));
  const raised = stories.map(([, story]) => ({ openedS: story[0]?.t ?? 0, last: story.at(-1) }));
  const wrong = (what: Mistake['what'], text: string): Mistake => ({
    what,
    text: `${text}, due ${JSON.stringify(jams)}`,
  });
  const texts = `opened at ${raised.map(({ openedS }) => openedS)}`;
  if (raised.length < jams.length) return [...wrongOrder, wrong('missed', texts)];
  if (raised.length > jams.length)
    return [...wrongOrder, wrong(jams.length === 0 ? 'not due' : 'twice', texts)];
  const mistakes = jams.flatMap(({ opened, cleared }, n) => {
    const { openedS = 0, last } = raised[n] ?? {};
    if (openedS < opened.fromS) return [wrong('early', texts)];
    if (openedS > opened.toS) return [wrong('late', texts)];
    if (last?.phase !== 'cleared') return cleared ? [wrong('not cleared', texts)] : [];
    if (!cleared || last.t < cleared.fromS) return [wrong('cleared early', `cleared at ${last.t}`)];
    return last.t > cleared.toS ? [wrong('cleared late', `cleared at ${last.t}`)] : [];
  });
  return [...wrongOrder, ...mistakes];
}
