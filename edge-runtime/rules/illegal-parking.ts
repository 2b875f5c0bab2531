import {
  type Box,
  bottomCentre,
  classGroup,
  type Finding,
  type Gate,
  type IllegalParkingRule,
  type IncidentPhase,
  insidePolygon,
} from '@gatehouse/contracts';
import {
  advance,
  noOccupancies,
  type Occupancy,
  type OccupancyState,
  type OccupancyTerms,
} from './occupancy.ts';
import type { Candidate, Rule, RuleContext } from './rule.ts';

type Context = RuleContext<IllegalParkingRule>;

/** Most often that an open incident is told of again (analytics.md). */
const tellEveryMs = 60_000;
/** Bounds of what may go unseen; each also stays below the violation itself (analytics.md, trap 8). */
const longestGapMs = 10_000;
const longestHiddenMs = 60_000;
/** A reboot takes a minute or two; what stood before it still counts afterwards. */
const leastForgetMs = 120_000;

/**
 * Illegal parking (违停): a vehicle stands in the zone for `violationAfterS`. It need not be seen arriving. One
 * incident for one stay; it clears after `clearAfterS` of continuous absence or motion.
 */
export const illegalParking: Rule<IllegalParkingRule, OccupancyState> = {
  kind: 'illegal-parking',
  initial: noOccupancies,

  step(before, frame, context) {
    const { state, standing, ended } = advance(before, frame, terms(context));
    const cleared = ended
      .filter((o) => o.openedMs !== null)
      .map((o) => finding('cleared', o, frame.atMs, context));
    const told: Finding[] = [];
    const occupancies = state.occupancies.map((o) => {
      const phase = standing.has(o.key) ? nextPhase(o, frame.atMs, context) : undefined;
      if (!phase) return o;
      told.push(finding(phase, o, frame.atMs, context));
      return { ...o, openedMs: o.openedMs ?? frame.atMs, toldMs: frame.atMs };
    });
    return { state: { ...state, occupancies }, findings: [...cleared, ...told] };
  },

  explain(state, context) {
    return state.occupancies.map(
      (o): Candidate => ({
        kind: 'illegal-parking',
        zone: context.zone.id,
        occupancy: o.key,
        phase: o.openedMs === null ? 'watching' : 'open',
        class: o.class,
        box: rounded(o.box),
        sinceMs: o.sinceMs,
        gates: gates(o, context),
      }),
    );
  },

  carryOver(state, { zone, params }) {
    const counted = new Set(params.classes.map(classGroup));
    const holds = (o: Occupancy) =>
      counted.has(classGroup(o.class)) && insidePolygon(bottomCentre(o.place.box), zone.polygon);
    return {
      state: { ...state, occupancies: state.occupancies.filter(holds) },
      dropped: state.occupancies.filter((o) => o.openedMs !== null && !holds(o)).map((o) => o.key),
    };
  },
};

function terms({ zone, params, ordinal }: Context): OccupancyTerms {
  const violationMs = params.violationAfterS * 1000;
  // At most 63 + 1 + 13 + 1 + 2 characters: the contract allows 80.
  const letter = String.fromCharCode('a'.charCodeAt(0) + ordinal);
  return {
    polygon: zone.polygon,
    classes: params.classes,
    clearMs: params.clearAfterS * 1000,
    gapMs: Math.min(longestGapMs, violationMs / 2),
    hiddenMs: Math.min(longestHiddenMs, violationMs),
    forgetMs: Math.max(leastForgetMs, violationMs),
    keyOf: (sinceMs, n) => `${zone.id}/${sinceMs}${letter}${n}`,
  };
}

function nextPhase(o: Occupancy, atMs: number, context: Context): IncidentPhase | undefined {
  if (o.openedMs === null) return gates(o, context).every((gate) => gate.passed) ? 'opened' : undefined;
  return o.toldMs !== null && atMs - o.toldMs >= tellEveryMs ? 'updated' : undefined;
}

/** Every condition of an alarm, measured against its threshold. */
function gates(o: Occupancy, { zone, params }: Context): Gate[] {
  const stood = seconds(o.stoodMs);
  const absent = seconds(o.absentMs);
  const inside = insidePolygon(bottomCentre(o.place.box), zone.polygon);
  return [
    { name: 'class', value: o.class, threshold: params.classes.join(' '), passed: true },
    { name: 'inside-zone', value: inside, threshold: true, passed: inside },
    {
      name: 'present',
      value: absent,
      threshold: params.clearAfterS,
      unit: 's',
      passed: absent < params.clearAfterS,
    },
    above('stopped', stood, params.stoppedAfterS),
    above('dwell', stood, params.violationAfterS),
    {
      name: 'unseen',
      value: seconds(Math.max(0, o.lastMs - o.sinceMs - o.stoodMs)),
      unit: 's',
      passed: true,
    },
  ];
}

function above(name: string, value: number, threshold: number): Gate {
  return { name, value, threshold, unit: 's', passed: value >= threshold };
}

function finding(phase: IncidentPhase, o: Occupancy, atMs: number, context: Context): Finding {
  const { camera, zone, params } = context;
  return {
    kind: 'illegal-parking',
    phase,
    camera,
    zone: zone.id,
    occupancy: o.key,
    priority: params.priority,
    evidence: {
      class: o.class,
      box: rounded(o.box),
      sinceMs: o.sinceMs,
      atMs,
      gates:
        phase === 'cleared' ? [above('absent', seconds(o.absentMs), params.clearAfterS)] : gates(o, context),
    },
  };
}

/** Whole milliseconds, so that sums of fractional frame times compare as people read them. */
function seconds(ms: number): number {
  return Math.round(ms) / 1000;
}

/** Four decimals: a fifth of a pixel in 4K, and the same text on every machine. */
function rounded({ x1, y1, x2, y2 }: Box): Box {
  const round = (v: number) => Math.round(v * 10_000) / 10_000;
  return { x1: round(x1), y1: round(y1), x2: round(x2), y2: round(y2) };
}
