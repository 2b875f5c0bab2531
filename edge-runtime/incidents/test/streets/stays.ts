/** The stays of a street and when they are due. Imports nothing of the product (see script.ts). */
import { inside, type Span } from '../scenes/script.ts';
import { detectable } from './detections.ts';
import {
  type Actor,
  coverage,
  during,
  hiddenShare,
  inZone,
  type Present,
  presentAt,
  type Script,
  type Stand,
  standsOf,
  toleranceS,
} from './script.ts';
import { stillAfterS } from './tracker.ts';

/** One stay of one vehicle: at one place, or shifted within the zone. */
export interface Stay {
  readonly actor: number;
  readonly stands: readonly Stand[];
}

/** Alarm delay at most this beyond dwell. A vehicle that rolls to its place may count as long before. */
export const delayS = 2;
/** A vehicle that stands again somewhere else stands for certain after this. */
const settlesS = 2;
/** A stand before a shift counts from here on, and from half the dwell on. */
const settledS = 30;
/** More than this of an empty place covered, and nobody can say that it is empty. */
const covered = 0.3;
/** A vehicle is gone for certain when it is so many lengths off. */
const goneLengths = 1.3;
/** A place with less than this hidden still looks as it did. */
const alike = 0.1;

/**
 * The stays in the zone. A vehicle that shifts and stands again before its first stay is over goes on with it
 * if it had settled there, or if that stay is an incident.
 */
export function staysOf(script: Pick<Script, 'actors' | 'dwellS' | 'clearS'>): Stay[] {
  return script.actors.flatMap((actor, index) => {
    const stays: Stay[] = [];
    for (const stand of actor.is === 'vehicle' ? standsOf(actor).filter(inZone) : []) {
      const before = stays.at(-1);
      if (before && goesOn(script, before, stand))
        stays[stays.length - 1] = { actor: index, stands: [...before.stands, stand] };
      else stays.push({ actor: index, stands: [stand] });
    }
    return stays;
  });
}

function goesOn(
  { dwellS, clearS }: Pick<Script, 'dwellS' | 'clearS'>,
  { stands }: Stay,
  next: Stand,
): boolean {
  const stoodS = stands.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0);
  const settled = stoodS >= Math.min(dwellS, Math.max(settledS, dwellS / 2));
  return settled && next.fromS - endOf(stands) < clearS;
}

export function endOf(stands: readonly Stand[]): number {
  return stands.at(-1)?.toS ?? 0;
}

export interface Due {
  /** `either`: too close to the threshold to say. */
  readonly incident: 'one' | 'none' | 'either';
  readonly opened: Span;
}

/** When a stay has stood for so long, and by when that must be told. */
export function dueOf(script: Script, stay: Stay, dwellS: number): Due {
  const earlyS = stoodFor(script, stay, dwellS - delayS);
  const lateS = latestDue(script, stay, dwellS);
  const endS = Math.min(endOf(stay.stands), script.endS);
  const opened = { fromS: earlyS ?? Number.POSITIVE_INFINITY, toS: lateS ?? Number.POSITIVE_INFINITY };
  if (earlyS === undefined) return { incident: 'none', opened };
  return { incident: opened.toS < endS ? 'one' : 'either', opened };
}

/** The earliest time at which the stands may add up to so long. */
function stoodFor({ actors }: Script, { actor, stands }: Stay, dwellS: number): number | undefined {
  const one = actors[actor] as Actor;
  let leftS = dwellS;
  for (const { fromS, toS } of stands) {
    const [inS, outS] = [rollS(one, fromS, -1), rollS(one, toS, 1)];
    if (fromS - inS + leftS < toS + outS + delayS) return fromS - inS + leftS;
    leftS -= toS - fromS + inS + outS;
  }
  return undefined;
}

/** The time for a fifth of a length before or after a stand: what rolls so little seems to stand. */
function rollS({ path, width }: Actor, atS: number, way: 1 | -1): number {
  const n = path.findIndex((point) => point.atS === atS);
  const [at, to] = [path[n], path[n + way]];
  if (!at || !to) return 0;
  return ((width / 5) * Math.abs(to.atS - at.atS)) / Math.hypot(to.x - at.x, to.y - at.y);
}

/**
 * The latest time to tell. Pauses longer than the tolerance do not count, nor does the time before it is
 * known to stand.
 */
function latestDue(script: Script, { actor, stands }: Stay, dwellS: number): number | undefined {
  const blind = script.pauses.filter((p) => p.toS - p.fromS + 1 / script.fps > toleranceS(script.dwellS));
  let leftS = dwellS;
  for (const stand of stands) {
    const seenS = firstFrame(script, stand.fromS, (t) => isKnownFrom(script, actor, t));
    const dueS = addWatched(seenS, leftS, blind);
    if (dueS < stand.toS) {
      const standsS = stand === stands[0] ? dueS : Math.max(dueS, stand.fromS + settlesS);
      return firstFrame(script, standsS, (t, present) => isTold(script, actor, present, t)) + delayS;
    }
    const blindS = blind.reduce(
      (sum, p) => sum + Math.max(0, Math.min(p.toS, stand.toS) - Math.max(p.fromS, seenS)),
      0,
    );
    leftS -= stand.toS - seenS - blindS;
  }
  return undefined;
}

/** The time at which so much watched time has gone by. */
function addWatched(fromS: number, lengthS: number, blind: readonly Span[]): number {
  let at = fromS + lengthS;
  for (const span of blind.toSorted((a, b) => a.fromS - b.fromS))
    if (span.toS > fromS && span.fromS < at) at += span.toS - Math.max(span.fromS, fromS);
  return at;
}

/** The first frame from a time on of which something holds. */
function firstFrame(
  script: Script,
  fromS: number,
  holds: (t: number, present: readonly Present[]) => boolean,
): number {
  for (let i = Math.ceil(fromS * script.fps - 1e-6); i / script.fps < script.endS; i++) {
    const t = i / script.fps;
    if (!during(script.pauses, t) && holds(t, presentAt(script, t))) return t;
  }
  return Number.POSITIVE_INFINITY;
}

/**
 * True if one track shows it from here on until it is known to stand. A car that was hidden, or got a new id,
 * a moment after it stopped cannot be told from two that pass one after another.
 */
function isKnownFrom(script: Script, actor: number, fromS: number): boolean {
  const span = { fromS, toS: fromS + stillAfterS };
  if (script.idChanges.some((one) => one.actor === actor && inside(one.atS, span))) return false;
  return firstFrame(script, fromS, (t, present) => !isSeen(script, actor, present, t)) > span.toS;
}

function isSeen(script: Script, actor: number, present: readonly Present[], t: number): boolean {
  const one = present.find(({ index }) => index === actor);
  return one !== undefined && detectable(script, one, present, t);
}

/** The detector sees it, or the picture says that it is there. */
function isTold(script: Script, actor: number, present: readonly Present[], t: number): boolean {
  const one = present.find(({ index }) => index === actor);
  if (!one) return false;
  const looksAlike = !during(script.lights, t) && hiddenShare(one, present) < alike;
  return looksAlike || (script.missShare === 0 && detectable(script, one, present, t));
}

/**
 * When a stay that is an incident must be cleared. A stand at its end that is too short to be certain may
 * count or not.
 */
export function clearedOf(script: Script, stay: Stay): Span {
  const { fps, clearS } = script;
  const last = stay.stands.at(-1) as Stand;
  const place = { actor: script.actors[stay.actor] as Actor, x: last.x, y: last.y };
  const longestS = clearS + delayS + 2 / fps;
  let emptyS = 0;
  let toS = Number.POSITIVE_INFINITY;
  for (let i = Math.ceil(last.toS * fps); i / fps < script.endS && toS === Number.POSITIVE_INFINITY; i++) {
    const t = i / fps;
    if (during(script.pauses, t) || during(script.lights, t)) continue;
    const isOver = ({ actor, x, y }: Present) =>
      actor === place.actor
        ? Math.hypot(x - place.x, y - place.y) < goneLengths * actor.width
        : coverage(place, { actor, x, y }) > (actor.look === place.actor.look ? 0 : covered);
    // Another that stands there is seen to be another, or the script says that nobody could tell.
    if (!presentAt(script, t).some((one) => !standsAt(one, t, place) && isOver(one))) emptyS += 1 / fps;
    if (emptyS >= longestS) toS = t + 1 / fps;
  }
  const certain = stay.stands.findLast((stand) => stand.toS - stand.fromS >= settlesS + 1 / fps) ?? last;
  return { fromS: certain.toS + clearS - 1 - 1 / fps, toS };
}

/** True if another vehicle has come to stand at this place. */
function standsAt({ actor }: Present, t: number, place: { readonly x: number; readonly y: number }): boolean {
  const stand = standsOf(actor).find((span) => inside(t, span));
  return stand !== undefined && Math.abs(stand.x - place.x) < actor.width / 2 && stand.y === place.y;
}
