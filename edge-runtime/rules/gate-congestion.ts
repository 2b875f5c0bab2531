import {
  type Box,
  bottomCentre,
  type Condition,
  type Finding,
  type GateCongestionRule,
  type IncidentPhase,
  insidePolygon,
} from '@gatehouse/contracts';
import { inForceConditions } from './in-force.ts';
import {
  above,
  boxAround,
  candidateOf,
  findingOf,
  lasting,
  live,
  openOf,
  type Subject,
  seconds,
  toldBy,
  watchedMs,
} from './life.ts';
import type { Rule, RuleContext } from './rule.ts';
import { carriedStays, keysOf, stayTerms } from './stay.ts';
import { noStays, type Stay, type StayState } from './stay-state.ts';
import { advance } from './stays.ts';
import { isSure } from './sureness.ts';

type Context = RuleContext<GateCongestionRule>;
const kind = 'gate-congestion';

/** A queue: so many vehicles that stand in the zone at the same time. */
interface Queue extends Subject {
  /** Time since then in which too few stood. */
  readonly fewMs: number;
}

export interface CongestionState {
  readonly stays: StayState;
  readonly queue: Queue | null;
}

/** Having stood this long a vehicle stands; less is a halt on the way. */
const standsAfterMs = 2_000;

/**
 * Gate congestion (出入口拥堵): as many vehicles as `vehicles` have each stood at their place for `forS`. A
 * vehicle that moves up stands anew, so a queue that moves on is none. One incident for one queue, until
 * fewer stand for `clearAfterS`.
 */
export const gateCongestion: Rule<GateCongestionRule, CongestionState> = {
  kind,
  initial: { stays: noStays, queue: null },

  step(before, frame, context) {
    const { params } = context;
    const { state: stays } = advance(before.stays, frame, terms(context));
    if (stays === before.stays) return { state: before, findings: [], prompts: [] };
    const standing = standingIn(stays);
    const passedMs = watchedMs(before.stays.lastMs, frame.atMs, terms(context).gapMs);
    const queue = follow(before.queue, standing, passedMs, frame.atMs, context);
    if (!queue) return { state: { stays, queue: null }, findings: [], prompts: [] };
    const { phase, after } = live(queue, {
      atMs: frame.atMs,
      present: queue.fewMs === 0,
      over: seconds(queue.fewMs) >= params.clearAfterS,
      isMet: () => conditions(standing, context).every((gate) => gate.passed),
      priority: params.priority,
    });
    const findings = phase ? [finding(phase, queue, standing, frame.atMs, context)] : [];
    return { state: { stays, queue: after ?? null }, findings, prompts: [] };
  },

  explain({ stays, queue }, context) {
    if (!queue) return [];
    return [candidateOf(kind, queue, conditions(standingIn(stays), context), context.zone.id)];
  },

  open({ queue }) {
    return openOf(queue ? [queue] : []);
  },

  carryOver({ stays, queue }, context) {
    const carried = carriedStays(stays, context.params.classes, insideOf(context));
    const gone = queue !== null && carried.state.occupancies.length === 0;
    return {
      state: { stays: carried.state, queue: gone ? null : queue },
      dropped: gone && queue.openedMs !== null ? [queue.key] : [],
    };
  },
};

function terms(context: Context) {
  const { forS, clearAfterS, classes } = context.params;
  const own = { inside: insideOf(context), classes, clearMs: clearAfterS * 1000 };
  return { ...stayTerms(context, forS * 1000, forS * 1000, own), joinsShiftsAfterMs: null };
}

function insideOf({ zone }: Context) {
  return (box: Box) => insidePolygon(bottomCentre(box), zone.polygon);
}

/** The stays whose vehicle stands there now or is hidden, longest first. */
function standingIn({ occupancies }: StayState): readonly Stay[] {
  return occupancies
    .filter((o) => !o.left && o.absentMs === 0 && o.stoodMs >= standsAfterMs && isSure(o.bundled))
    .toSorted((a, b) => b.stoodMs - a.stoodMs);
}

/**
 * The queue after a frame. A new one begins when enough stand. It also begins when one stands, so that
 * `explain` can say why there is no incident.
 */
function follow(
  queue: Queue | null,
  standing: readonly Stay[],
  passedMs: number,
  atMs: number,
  { params, zone, ordinal }: Context,
): Queue | null {
  const [first] = standing;
  const decisive = standing[params.vehicles - 1] ?? first;
  const enough = standing.length >= params.vehicles;
  if (!queue) {
    if (!first) return null;
    const key = keysOf(zone.id, ordinal)(atMs, 0);
    return {
      key,
      sinceMs: first.sinceMs,
      box: around(standing, first.box),
      class: first.class,
      fewMs: 0,
      openedMs: null,
      toldMs: null,
      priority: params.priority,
    };
  }
  if (!first && queue.openedMs === null) return null;
  const counted = enough || queue.openedMs === null;
  return {
    // After a restart with the clock set back, the stored time of the last finding may lie ahead.
    ...toldBy(queue, atMs),
    sinceMs: queue.openedMs === null ? (decisive?.sinceMs ?? queue.sinceMs) : queue.sinceMs,
    box: around(standing, queue.box),
    class: first?.class ?? queue.class,
    fewMs: lasting(queue.fewMs, !counted, passedMs),
  };
}

function around(standing: readonly Stay[], otherwise: Box): Box {
  return standing.length === 0 ? otherwise : boxAround(standing.map((o) => o.box));
}

/** Every condition, measured: how many stand, and how long that many of them have. */
function conditions(standing: readonly Stay[], context: Context): Condition[] {
  const { vehicles, forS } = context.params;
  const decisive = standing[vehicles - 1];
  return [
    ...inForceConditions(context),
    { name: 'vehicles', value: standing.length, threshold: vehicles, passed: standing.length >= vehicles },
    above('stuck', seconds(decisive?.stoodMs ?? 0), forS),
  ];
}

function finding(
  phase: IncidentPhase,
  queue: Queue,
  standing: readonly Stay[],
  atMs: number,
  context: Context,
): Finding {
  const { priority, clearAfterS } = context.params;
  const left: Condition[] = [
    { name: 'vehicles', value: standing.length, passed: true },
    above('fewer', seconds(queue.fewMs), clearAfterS),
  ];
  const measured = phase === 'cleared' ? left : conditions(standing, context);
  return findingOf(kind, phase, queue, { atMs, priority, gates: measured }, context);
}
