import {
  type Box,
  classGroup,
  type Finding,
  type Gate,
  type IncidentPhase,
  type ObjectClass,
} from '@gatehouse/contracts';
import type { Occupancy, OccupancyState, OccupancyTerms } from './occupancy.ts';
import type { Candidate, OpenOccupancy, RuleContext } from './rule.ts';

/** What rules about single stays (parking, fire passage, queues) have in common. */

/** Most often that an open incident is told of again (analytics.md). */
export const tellEveryMs = 60_000;
/** Bounds of what may go unseen; each also stays below the threshold itself (analytics.md, trap 8). */
const longestGapMs = 10_000;
const longestHiddenMs = 60_000;
/** A reboot takes a minute or two; what stood before it still counts afterwards. */
export const leastForgetMs = 120_000;

/** Unseen time that still counts, for something that has to last so long. */
export function gapTolerance(dwellMs: number): number {
  return Math.min(longestGapMs, dwellMs / 2);
}

/**
 * How stays are followed for a threshold.
 * @param dwellMs the shortest dwell that decides anything
 */
export function stayTerms(
  { zone, ordinal }: Pick<RuleContext<unknown>, 'zone' | 'ordinal'>,
  dwellMs: number,
  longestMs: number,
  own: Pick<OccupancyTerms, 'inside' | 'classes' | 'clearMs' | 'joinsShifts'>,
): OccupancyTerms {
  return {
    ...own,
    gapMs: gapTolerance(dwellMs),
    hiddenMs: Math.min(longestHiddenMs, dwellMs),
    forgetMs: Math.max(leastForgetMs, longestMs),
    keyOf: keysOf(zone.id, ordinal),
  };
}

/** Names of occupancies: at most 63 + 1 + 13 + 1 + 2 characters, where the contract allows 80. */
export function keysOf(zone: string, ordinal: number) {
  const letter = String.fromCharCode('a'.charCodeAt(0) + ordinal);
  return (sinceMs: number, n: number) => `${zone}/${Math.round(sinceMs)}${letter}${n}`;
}

/** The gates that every stay has, in the order in which a person would ask. */
export function stayGates(
  o: Occupancy,
  counted: readonly ObjectClass[],
  place: readonly Gate[],
  clearAfterS: number,
): Gate[] {
  const absent = seconds(o.absentMs);
  return [
    { name: 'class', value: o.class, threshold: counted.join(' '), passed: counted.includes(o.class) },
    ...place,
    { name: 'present', value: absent, threshold: clearAfterS, unit: 's', passed: absent < clearAfterS },
  ];
}

/** How long it went unseen; for the reader, not a condition. */
export function unseenGate(o: Occupancy): Gate {
  return {
    name: 'unseen',
    value: seconds(Math.max(0, o.lastMs - o.sinceMs - o.stoodMs)),
    unit: 's',
    passed: true,
  };
}

export function above(name: string, value: number, threshold: number, unit = 's'): Gate {
  return { name, value, threshold, unit, passed: value >= threshold };
}

/** What is told of a stay. */
export function stayFinding(
  phase: IncidentPhase,
  kind: Finding['kind'],
  o: Occupancy,
  told: { readonly atMs: number; readonly priority: number; readonly gates: readonly Gate[] },
  { camera, zone }: Pick<RuleContext<unknown>, 'camera' | 'zone'>,
): Finding {
  return {
    kind,
    phase,
    camera,
    zone: zone.id,
    occupancy: o.key,
    priority: told.priority,
    evidence: stayEvidence(o, told.atMs, told.gates),
  };
}

export function stayEvidence(o: Occupancy, atMs: number, gates: readonly Gate[]): Finding['evidence'] {
  return { class: o.class, box: rounded(o.box), sinceMs: o.sinceMs, atMs, gates: [...gates] };
}

export function absentGate(o: Occupancy, clearAfterS: number): Gate {
  return above('absent', seconds(o.absentMs), clearAfterS);
}

export function stayCandidate(
  kind: Finding['kind'],
  o: Occupancy,
  gates: readonly Gate[],
  zone: string,
): Candidate {
  return {
    kind,
    zone,
    occupancy: o.key,
    phase: o.openedMs === null ? 'watching' : 'open',
    class: o.class,
    box: rounded(o.box),
    sinceMs: o.sinceMs,
    gates,
  };
}

export function openStays({ occupancies }: OccupancyState): OpenOccupancy[] {
  return occupancies
    .filter((o) => o.openedMs !== null)
    .map((o) => ({
      key: o.key,
      priority: o.priority ?? 3,
      class: o.class,
      box: rounded(o.box),
      sinceMs: o.sinceMs,
    }));
}

/** The stays that an edited site still counts, and the keys of open ones that it does not. */
export function carriedStays(
  state: OccupancyState,
  classes: readonly ObjectClass[],
  inside: (box: Box) => boolean,
) {
  const counted = new Set(classes.map(classGroup));
  const holds = (o: Occupancy) => counted.has(classGroup(o.class)) && inside(o.place.box);
  const known = state.occupancies.map(complete);
  return {
    state: { ...state, occupancies: known.filter(holds) },
    dropped: known.filter((o) => o.openedMs !== null && !holds(o)).map((o) => o.key),
  };
}

/** A stay as an older version stored it has fields less; all of them have a natural beginning. */
function complete(o: Occupancy): Occupancy {
  return { ...{ seenAsMs: { [o.class]: o.stoodMs }, promptedMs: null, priority: null }, ...o };
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
