import { classGroup, iou, type Track, type TrackFrame } from '@gatehouse/contracts';
import { staysIou } from './body.ts';
import { isUnique } from './hidden.ts';
import { orderOf, toldBy, watchedMs } from './life.ts';
import { feet, heightOf } from './people.ts';
import { alikeInSize, hiddenBy, newPlace } from './place.ts';
import type { Presence, PresenceState, PresenceTerms } from './presence-state.ts';
import { lookIdOf, sightOf } from './sight.ts';

/** Most presences of one zone and rule; above, newcomers are not watched (drop policy: drop-newest). */
export const maxPresences = 16;
/**
 * The distance that an object under another track id can be from where it was: half a box height of jitter,
 * and a walk of 1.5 heights a second for as long as it was watched for and not seen. E-bikes are pushed at a
 * walk, and one that comes into view while another is missing is rather the same than a second one.
 */
const reachHeights = 0.5;
const reachHeightsPerS = 1.5;
/** A track that has come so far since it was first seen, in widths, came from elsewhere. */
const cameFrom = 0.5;
/** After a longer pause the tracker may have started anew, and its ids with it. */
const idsLastMs = 2_000;
/** Hidden for longer than this it counts as absent. */
const longestHiddenMs = 60_000;

export interface AdvancedPresences {
  readonly state: PresenceState;
  /** Keys of those that are in the zone in this frame. */
  readonly here: ReadonlySet<string>;
  /** Those that ended with this frame, opened or not. */
  readonly ended: readonly Presence[];
}

/** Takes one frame in. A frame that is not newer than the last changes nothing. */
export function advancePresences(
  state: PresenceState,
  frame: TrackFrame,
  terms: PresenceTerms,
): AdvancedPresences {
  const { atMs } = frame;
  const order = orderOf(state.lastMs, atMs);
  if (order === 'old') return { state, here: new Set(), ended: [] };
  if (order === 'anew') return advancePresences(rebased(state, atMs), frame, terms);
  const pauseMs = state.lastMs === null ? 0 : atMs - state.lastMs;
  const known = state.presences
    .filter((one) => one.openedMs !== null || pauseMs <= terms.forgetMs)
    .map((one) => (pauseMs > idsLastMs && !frame.tracks.some(isUnique) ? { ...one, trackId: null } : one));
  const passedMs = watchedMs(state.lastMs, atMs, terms.gapMs);
  const found = pair(known, frame, terms, passedMs);
  // One missed frame is no absence: it counts from the first frame without it.
  const before = state.lastMs ?? atMs;
  const here = new Set<string>();
  const kept: Presence[] = [];
  const ended: Presence[] = [];
  for (const one of known) {
    const track = found.get(one.key);
    const isHere = track ? terms.inside(track.box) : isHeld(one, frame);
    if (isHere) here.add(one.key);
    const now = isHere
      ? stay(one, track, frame, terms)
      : miss(one, track, frame, one.lastMs < before ? passedMs : 0);
    (Math.round(now.absentMs) >= terms.clearMs ? ended : kept).push(now);
  }
  const present = kept.filter(({ key }) => here.has(key));
  for (const track of newcomers(present, found, frame, terms).slice(0, maxPresences - kept.length)) {
    const one = newPresence(track, terms.keyOf(Math.round(atMs), kept.length % maxPresences), atMs);
    here.add(one.key);
    kept.push(one);
  }
  return { state: { lastMs: atMs, presences: kept }, here, ended };
}

/**
 * Gives each presence the track that is its object now, wherever it is: its own, else the nearest one in
 * the zone that it can have become; the nearest pairs go first. A track that came from elsewhere is another
 * object, and what was seen to leave the zone goes on under its own id only. While the picture shows that
 * it stands where it stood, only a track there is its own.
 */
function pair(known: readonly Presence[], frame: TrackFrame, terms: PresenceTerms, passedMs: number) {
  const found = new Map<string, Track>();
  const tracks = frame.tracks.filter(({ seen }) => seen);
  const taken: Track[] = [];
  const take = (one: Presence, track: Track | undefined) => {
    if (!track || found.has(one.key) || taken.some((other) => isSecond(other, track))) return;
    found.set(one.key, track);
    taken.push(track);
  };
  for (const one of known)
    take(
      one,
      tracks.find((track) => track.id === one.trackId && (isUnique(track) || isAlike(one, track))),
    );
  const candidates = tracks.filter(({ box, moved = 0 }) => moved < cameFrom && terms.inside(box));
  const pairs = known
    .filter((one) => !found.has(one.key) && !one.left)
    .flatMap((one) => {
      const held = isHeld(one, frame);
      return candidates
        .filter((track) => isAlike(one, track) && (!held || iou(track.box, one.box) >= staysIou))
        .map((track) => ({ one, track, heights: heightsApart(one, track, terms.aspect) }))
        .filter(({ heights }) => heights <= reachOf(one, passedMs));
    });
  for (const { one, track } of pairs.toSorted((a, b) => a.heights - b.heights)) take(one, track);
  return found;
}

/** True for one track, and for two boxes of one object. */
function isSecond(one: Pick<Track, 'box'>, other: Pick<Track, 'box'>): boolean {
  return one === other || iou(one.box, other.box) >= staysIou;
}

function isAlike(one: Presence, track: Track): boolean {
  return classGroup(one.class) === classGroup(track.class) && alikeInSize(one.box, track.box);
}

function heightsApart({ box }: Presence, track: Track, aspect: number): number {
  const [x, y] = feet(track.box, aspect);
  const [px, py] = feet(box, aspect);
  return Math.hypot(x - px, y - py) / heightOf(box);
}

function reachOf({ absentMs, hiddenMs }: Presence, passedMs: number): number {
  return reachHeights + (reachHeightsPerS * (absentMs + hiddenMs + passedMs)) / 1000;
}

/** The picture shows that it stands where it was last seen, whether or not it is detected. */
function isHeld({ trackId, lookId, box }: Presence, { places = [] }: TrackFrame): boolean {
  return sightOf({ trackId, lookId, place: newPlace(box) }, places) === 'alike';
}

/** It is in the zone: detected, or shown by the picture alone. Unseen time up to the tolerance counts. */
function stay(one: Presence, track: Track | undefined, frame: TrackFrame, terms: PresenceTerms): Presence {
  const { atMs, places = [] } = frame;
  const unseenMs = atMs - one.lastMs;
  const passedMs = unseenMs - Math.min(one.hiddenMs, longestHiddenMs) <= terms.gapMs ? unseenMs : 0;
  const now = {
    ...one,
    lastMs: atMs,
    insideMs: one.insideMs + passedMs,
    absentMs: 0,
    hiddenMs: 0,
    left: false,
  };
  if (!track) return { ...now, heldMs: one.heldMs + passedMs };
  const asThisMs = (one.seenAsMs[track.class] ?? 0) + Math.min(unseenMs, terms.gapMs);
  const placed = { trackId: track.id, lookId: one.lookId, place: newPlace(track.box) };
  return {
    ...now,
    seenAsMs: { ...one.seenAsMs, [track.class]: asThisMs },
    class: asThisMs > (one.seenAsMs[one.class] ?? 0) ? track.class : one.class,
    box: track.box,
    trackId: track.id,
    lookId: lookIdOf(placed, track.id, places),
  };
}

/** It is not in the zone: seen elsewhere, hidden by something nearer, or not seen. */
function miss(one: Presence, track: Track | undefined, { tracks }: TrackFrame, passedMs: number): Presence {
  const isHidden =
    !track &&
    one.hiddenMs + passedMs <= longestHiddenMs &&
    tracks.some((other) => other.seen && other.id !== one.trackId && hiddenBy(one.box, other.box));
  if (isHidden) return { ...one, hiddenMs: one.hiddenMs + passedMs };
  const left = one.left || track !== undefined;
  return { ...one, trackId: track?.id ?? one.trackId, left, absentMs: one.absentMs + passedMs };
}

/** Counted tracks in the zone that belong to no presence, and are no second box of one that does. */
function newcomers(
  present: readonly Presence[],
  found: ReadonlyMap<string, Track>,
  { tracks }: TrackFrame,
  { classes, inside }: PresenceTerms,
): Track[] {
  const taken = new Set(found.values());
  const fresh: Track[] = [];
  for (const track of tracks) {
    if (!track.seen || taken.has(track) || !classes.includes(track.class) || !inside(track.box)) continue;
    if (![...taken, ...fresh, ...present].some((other) => isSecond(other, track))) fresh.push(track);
  }
  return fresh;
}

function newPresence(track: Track, key: string, atMs: number): Presence {
  return {
    key,
    class: track.class,
    seenAsMs: {},
    box: track.box,
    trackId: track.id,
    lookId: null,
    sinceMs: atMs,
    lastMs: atMs,
    insideMs: 0,
    absentMs: 0,
    hiddenMs: 0,
    heldMs: 0,
    left: false,
    openedMs: null,
    toldMs: null,
    promptedMs: null,
    priority: null,
  };
}

/** The state on a timeline that starts anew at or before `atMs`: observed time stays, the rest is unseen. */
function rebased({ presences }: PresenceState, atMs: number): PresenceState {
  const moved = (one: Presence) => ({ ...toldBy(one, atMs), trackId: null, lastMs: atMs });
  return { lastMs: null, presences: presences.map(moved) };
}
