import {
  type Box,
  type Condition,
  classGroup,
  type Finding,
  type IncidentPhase,
  type ObjectClass,
  type TrackFrame,
} from '@gatehouse/contracts';
import { above, live, type Signs, seconds } from './life.ts';
import type { RuleContext } from './rule.ts';
import type { Stay, StayState, StayTerms } from './stay-state.ts';
import { advance } from './stays.ts';
import { sureConditions } from './sureness.ts';

/** The common parts of rules about single stays (parking, fire passage, queues). */

/** Bounds of unseen time; each also stays below the threshold itself. */
const longestGapMs = 10_000;
const longestHiddenMs = 60_000;
/** In a queue a vehicle stands for up to 25 s before it moves up. */
const leastStandMs = 30_000;
/** A reboot takes a minute or two; an object that stood before it still counts afterwards. */
export const leastForgetMs = 120_000;

/** Unseen time that still counts, for something that has to last so long. */
export function gapTolerance(dwellMs: number): number {
  return Math.min(longestGapMs, dwellMs / 2);
}

/**
 * The terms on which stays are followed for a threshold.
 * @param dwellMs the shortest dwell that decides anything
 */
export function stayTerms(
  { zone, ordinal }: Pick<RuleContext<unknown>, 'zone' | 'ordinal'>,
  dwellMs: number,
  longestMs: number,
  own: Pick<StayTerms, 'inside' | 'classes' | 'clearMs'>,
): StayTerms {
  return {
    ...own,
    joinsShiftsAfterMs: Math.max(leastStandMs, dwellMs / 2),
    gapMs: gapTolerance(dwellMs),
    hiddenMs: Math.min(longestHiddenMs, dwellMs),
    forgetMs: Math.max(leastForgetMs, longestMs),
    keyOf: keysOf(zone.id, ordinal),
  };
}

/** One frame of a rule about single stays. */
export interface StayStep {
  readonly state: StayState;
  readonly findings: Finding[];
  /** Keys of the stays whose object was seen in this frame. */
  readonly standing: ReadonlySet<string>;
}

/**
 * Follows the stays of a zone through one frame and reports each one's result: first those that ended, then
 * the others in order.
 */
export function stepStays(
  before: StayState,
  frame: TrackFrame,
  terms: StayTerms,
  signsOf: (o: Stay) => Omit<Signs, 'atMs' | 'present' | 'over'>,
  finding: (phase: IncidentPhase, o: Stay) => Finding,
): StayStep {
  const { atMs } = frame;
  const { state, standing, ended } = advance(before, frame, terms);
  const findings = ended.filter((o) => o.openedMs !== null).map((o) => finding('cleared', o));
  const occupancies = state.occupancies.map((o) => {
    const { phase, after } = live(o, { atMs, present: standing.has(o.key), over: false, ...signsOf(o) });
    if (phase) findings.push(finding(phase, o));
    return after ?? o;
  });
  return { state: { ...state, occupancies }, findings, standing };
}

/** Names of occupancies: at most 63 + 1 + 13 + 1 + 2 characters, where the contract allows 80. */
export function keysOf(zone: string, ordinal: number) {
  const letter = String.fromCharCode('a'.charCodeAt(0) + ordinal);
  return (sinceMs: number, n: number) => `${zone}/${Math.round(sinceMs)}${letter}${n}`;
}

/** The gates that every stay has, in the order in which a person would ask. */
export function conditionsOfStay(
  o: Stay,
  counted: readonly ObjectClass[],
  place: readonly Condition[],
  clearAfterS: number,
): Condition[] {
  const absent = seconds(o.absentMs);
  return [
    { name: 'class', value: o.class, threshold: counted.join(' '), passed: counted.includes(o.class) },
    ...place,
    { name: 'present', value: absent, threshold: clearAfterS, unit: 's', passed: absent < clearAfterS },
    ...sureConditions(o.bundled),
  ];
}

/**
 * The times in which it was not detected, for the reader, not as conditions: unseen, and shown by the picture
 * alone.
 */
export function unseenConditions(o: Stay): Condition[] {
  const unseen = seconds(Math.max(0, o.lastMs - o.sinceMs - o.stoodMs));
  const held = { name: 'held', value: seconds(o.heldMs), unit: 's', passed: true };
  return [{ name: 'unseen', value: unseen, unit: 's', passed: true }, ...(o.heldMs > 0 ? [held] : [])];
}

export function absentCondition(o: Stay, clearAfterS: number): Condition {
  return above('absent', seconds(o.absentMs), clearAfterS);
}

/** The stays that an edited site still counts, and the keys of open ones that it does not. */
export function carriedStays(
  state: StayState,
  classes: readonly ObjectClass[],
  inside: (box: Box) => boolean,
) {
  const counted = new Set(classes.map(classGroup));
  const holds = (o: Stay) => counted.has(classGroup(o.class)) && inside(o.place.box);
  const known = state.occupancies.map(complete);
  return {
    state: { ...state, occupancies: known.filter(holds) },
    dropped: known.filter((o) => o.openedMs !== null && !holds(o)).map((o) => o.key),
  };
}

/** A stay as an older version stored it has fields less; all of them have a natural beginning. */
function complete(o: Stay): Stay {
  const none = { formerIds: [], lookId: null, otherMs: 0, awayMs: 0, heldMs: 0, bundled: null };
  const since = { ...none, ownMs: o.stoodMs };
  return { ...{ seenAsMs: { [o.class]: o.stoodMs }, promptedMs: null, priority: null, ...since }, ...o };
}
