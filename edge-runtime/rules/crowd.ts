import {
  type Condition,
  type CrowdRule,
  type Finding,
  type IncidentPhase,
  insidePolygon,
} from '@gatehouse/contracts';
import { inHours } from './calendar.ts';
import { clusters } from './clusters.ts';
import { type Gathering, type Level, type Member, type Met, meet, placeOf, touches } from './gathering.ts';
import { inForceConditions } from './in-force.ts';
import { type InZone, type Known, look, nobodyKnown, rebasedKnown } from './in-zone.ts';
import {
  above,
  candidateOf,
  findingOf,
  lasting,
  live,
  openOf,
  orderOf,
  type Signs,
  type Subject,
  seconds,
  toldBy,
  watchedMs,
} from './life.ts';
import type { Rule, RuleContext } from './rule.ts';
import { gapTolerance, keysOf, leastForgetMs } from './stay.ts';

type Context = RuleContext<CrowdRule>;
const kind = 'crowd';

export interface CrowdState extends Known {
  readonly lastMs: number | null;
  readonly gatherings: readonly Gathering[];
  /** People in the zone who walk through, as of the last frame. */
  readonly walking: number;
}

/** Most groups of one zone and rule that are followed (drop policy: drop-smallest, never an open one). */
const maxGatherings = 8;
/** A group that nobody is left of for this long, and that never was a crowd, is forgotten. */
const goneMs = 3_000;

/**
 * Crowd (人员聚集): people stand together in the zone, as many and for as long as the day's level says or, at
 * night, the night's. People who walk through are left out. One incident for one gathering at one place,
 * however people come and go or split and meet again.
 */
export const crowd: Rule<CrowdRule, CrowdState> = {
  kind,
  initial: { ...nobodyKnown, lastMs: null, gatherings: [], walking: 0 },

  step(before, frame, context) {
    const { atMs } = frame;
    const order = orderOf(before.lastMs, atMs);
    if (order === 'old') return { state: before, findings: [], prompts: [] };
    if (order === 'anew') return crowd.step(rebased(before, atMs), frame, context);
    const { known, inZone } = look(before, frame, context);
    const { walking } = inZone;
    const findings: Finding[] = [];
    const gatherings = gather(before, inZone, atMs, context).flatMap((gathering) => {
      const { phase, after } = live(gathering, signsOf(gathering, atMs, context));
      if (phase) findings.push(finding(phase, gathering, walking, atMs, context));
      return after ? [after] : [];
    });
    return { state: { ...known, lastMs: atMs, gatherings, walking }, findings, prompts: [] };
  },

  explain({ gatherings, walking }, context) {
    return gatherings.map((gathering) =>
      candidateOf(kind, people(gathering), conditions(gathering, walking, context), context.zone.id),
    );
  },

  open({ gatherings }) {
    return openOf(gatherings.map(people));
  },

  carryOver(stored, { zone }) {
    // Older versions stored less.
    const gatherings = stored.gatherings.map((one) => ({ ...one, suspects: one.suspects ?? 0 }));
    const state = { ...crowd.initial, ...stored, gatherings };
    const holds = ({ box }: Gathering) =>
      insidePolygon([(box.x1 + box.x2) / 2, box.y2], zone.polygon) ||
      insidePolygon([(box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2], zone.polygon);
    return {
      state: { ...state, gatherings: state.gatherings.filter(holds) },
      dropped: state.gatherings.filter((one) => one.openedMs !== null && !holds(one)).map(({ key }) => key),
    };
  },
};

/**
 * The gatherings after a frame. Each takes the groups that stand at its place, an incident before any other.
 */
function gather(before: CrowdState, inZone: InZone, atMs: number, context: Context): Gathering[] {
  const { params } = context;
  const pauseMs = before.lastMs === null ? 0 : atMs - before.lastMs;
  const passedMs = watchedMs(before.lastMs, atMs, gapTolerance(shortestMs(params)));
  const groups = new Set(clusters(inZone.members, params.distance));
  const suspects = clusters(inZone.suspects, params.distance);
  const known = before.gatherings
    .filter(({ openedMs }) => openedMs !== null || pauseMs <= leastForgetMs)
    .toSorted((a, b) => rank(b) - rank(a) || a.sinceMs - b.sinceMs)
    .map((gathering) => {
      const mine = [...groups].filter((group) => touches(gathering, group));
      // A gathering that is no crowd yet is one group. A crowd may fall apart into several and still be one.
      const taken = rank(gathering) > 0 ? mine : mine.slice(0, 1);
      for (const group of taken) groups.delete(group);
      return met(gathering, taken, suspects, { atMs, passedMs }, context);
    })
    .filter((one) => rank(one) > 0 || one.count > 0 || one.fewMs < goneMs || one.suspects > 0);
  const active = known.filter((one) => !isIdle(one));
  const founded = [...groups]
    .filter((group) => group.length > 1)
    .slice(0, Math.max(0, maxGatherings - active.length))
    .map((group, n) =>
      met(found(group, n, atMs, context), [group], suspects, { atMs, passedMs: 0 }, context),
    );
  const present = [...active, ...founded, ...known.filter(isIdle)];
  // Suspects by themselves are watched as well, to tell why they are no crowd.
  const alone = suspects
    .filter((group) => group.length > 1 && !present.some((gathering) => touches(gathering, group)))
    .map((group, n) => {
      const gathering = found(group, founded.length + n, atMs, context);
      return met(gathering, [], suspects, { atMs, passedMs: 0 }, context);
    });
  return [...present, ...alone].slice(0, maxGatherings);
}

/** A gathering that nobody is counted in yet. */
function found(group: readonly Member[], n: number, atMs: number, context: Context): Gathering {
  const { params, zone, ordinal } = context;
  const key = keysOf(zone.id, ordinal)(atMs, n);
  const place = placeOf(group, params.distance);
  const blank = { key, sinceMs: atMs, ...place, count: 0, suspects: 0, day: null, night: null };
  return { ...blank, fewMs: 0, openedMs: null, toldMs: null, priority: params.priority };
}

/** No crowd, and only suspects are left of it. */
function isIdle(gathering: Gathering): boolean {
  return rank(gathering) === 0 && gathering.count === 0 && gathering.suspects > 0;
}

/** 2 for an incident, 1 for a gathering that has been crowd enough for moments. */
function rank({ openedMs, day, night }: Gathering): number {
  if (openedMs !== null) return 2;
  return day || night ? 1 : 0;
}

/** A gathering with the groups that are at its place now. */
function met(
  gathering: Gathering,
  groups: readonly Member[][],
  suspects: readonly Member[][],
  frame: { readonly atMs: number; readonly passedMs: number },
  context: Context,
): Gathering {
  const { params } = context;
  const { passedMs } = frame;
  const everybody = groups.flat();
  const count = everybody.length;
  const { day, night } = levels(context);
  const few = count <= Math.max(0, Math.min(day.people, night?.people ?? day.people) - params.clearMargin);
  // A crowd that a few are left of stays where it was: a passer-by taken for one of them leads it astray.
  const isPlaced = rank(gathering) > 0 ? !few : count > 0;
  const then = {
    ...gathering,
    ...(isPlaced ? placeOf(everybody, params.distance) : {}),
    count,
    suspects: suspects.filter((group) => touches(gathering, group)).flat().length,
    day: meet(gathering.day, count >= day.people, passedMs, gapTolerance(day.forMs)),
    night: night ? meet(gathering.night, count >= night.people, passedMs, gapTolerance(night.forMs)) : null,
    fewMs: lasting(gathering.fewMs, few, passedMs),
  };
  return rank(gathering) === 0 && rank(then) > 0 ? { ...then, sinceMs: frame.atMs } : then;
}

/** The levels of a crowd at this time: by day the day's, and at night the night's besides. */
function levels({ params, moment }: Pick<Context, 'params' | 'moment'>): { day: Level; night: Level | null } {
  const { night } = params;
  const isNight = night !== false && moment.local !== null && inHours(night, moment.local);
  return {
    day: { people: params.people, forMs: params.forS * 1000 },
    night: isNight ? { people: night.people, forMs: night.forS * 1000 } : null,
  };
}

function shortestMs({ forS, night }: CrowdRule): number {
  return Math.min(forS, night ? night.forS : forS) * 1000;
}

function signsOf(gathering: Gathering, atMs: number, context: Context): Signs {
  const { fewMs, count } = gathering;
  const { clearAfterS, priority } = context.params;
  return {
    atMs,
    present: count > 0 && fewMs === 0,
    over: seconds(fewMs) >= clearAfterS,
    isMet: () => conditions(gathering, 0, context).every(({ passed }) => passed),
    priority,
  };
}

/** A gathering is about nobody in particular. */
function people(gathering: Gathering): Subject {
  return { ...gathering, class: 'person' };
}

/** Every condition, measured against that of the levels which is met or nearer to it. */
function conditions(gathering: Gathering, walking: number, context: Context): Condition[] {
  const { day, night } = levels(context);
  const left = (level: Level | null, reached: Met) =>
    level
      ? level.forMs - (gathering.count >= level.people ? (reached?.ms ?? 0) : 0)
      : Number.POSITIVE_INFINITY;
  const byNight = night !== null && left(night, gathering.night) < left(day, gathering.day);
  const level = byNight ? night : day;
  const reached = byNight ? gathering.night : gathering.day;
  return [
    ...inForceConditions(context),
    ...(night ? [{ name: 'night', value: byNight, passed: true }] : []),
    {
      name: 'people',
      value: gathering.count,
      threshold: level.people,
      passed: gathering.count >= level.people,
    },
    above('together', seconds(reached?.ms ?? 0), level.forMs / 1000),
    { name: 'walking-through', value: walking, passed: true },
    ...suspectsCondition(gathering),
  ];
}

/** The number of those who are not counted because they have not moved for an hour, where there are any. */
function suspectsCondition({ suspects }: Gathering): Condition[] {
  return suspects > 0 ? [{ name: 'suspects', value: suspects, passed: true }] : [];
}

function finding(
  phase: IncidentPhase,
  gathering: Gathering,
  walking: number,
  atMs: number,
  context: Context,
): Finding {
  const { priority, clearAfterS } = context.params;
  const left: Condition[] = [
    { name: 'people', value: gathering.count, passed: true },
    above('fewer', seconds(gathering.fewMs), clearAfterS),
    ...suspectsCondition(gathering),
  ];
  const measured = phase === 'cleared' ? left : conditions(gathering, walking, context);
  return findingOf(kind, phase, people(gathering), { atMs, priority, gates: measured }, context);
}

/** The state on a timeline that starts anew at or before `atMs`. */
function rebased(state: CrowdState, atMs: number): CrowdState {
  return {
    ...state,
    ...rebasedKnown(state, atMs),
    lastMs: null,
    gatherings: state.gatherings.map((one) => toldBy(one, atMs)),
  };
}
