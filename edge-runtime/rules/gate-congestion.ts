import {
  type Box,
  bottomCentre,
  type Finding,
  type Gate,
  type GateCongestionRule,
  type IncidentPhase,
  insidePolygon,
} from '@gatehouse/contracts';
import { inForceGates } from './in-force.ts';
import { advance, noOccupancies, type Occupancy, type OccupancyState } from './occupancy.ts';
import type { OpenOccupancy, Rule, RuleContext } from './rule.ts';
import { above, carriedStays, keysOf, rounded, seconds, stayTerms, tellEveryMs } from './stay.ts';

type Context = RuleContext<GateCongestionRule>;
const kind = 'gate-congestion';

/** A queue: so many vehicles that stand in the zone at the same time. */
interface Queue {
  readonly key: string;
  readonly sinceMs: number;
  readonly box: Box;
  readonly class: Occupancy['class'];
  /** Time since then in which too few stood. */
  readonly fewMs: number;
  readonly openedMs: number | null;
  readonly toldMs: number | null;
  readonly priority: number;
}

export interface CongestionState {
  readonly stays: OccupancyState;
  readonly queue: Queue | null;
}

/** Having stood this long a vehicle stands; less is a halt on the way. */
const standsAfterMs = 2_000;

/**
 * Gate congestion (出入口拥堵): as many vehicles as `vehicles` have each stood at their place for `forS`. A vehicle that moves up
 * stands anew, so a queue that moves on is none. One incident for one queue, until fewer stand for `clearAfterS`.
 */
export const gateCongestion: Rule<GateCongestionRule, CongestionState> = {
  kind,
  initial: { stays: noOccupancies, queue: null },

  step(before, frame, context) {
    const { params } = context;
    const { state: stays } = advance(before.stays, frame, terms(context));
    if (stays === before.stays) return { state: before, findings: [], prompts: [] };
    const standing = standingIn(stays);
    const passedMs = watchedMs(before.stays, stays, context);
    const queue = follow(before.queue, standing, passedMs, frame.atMs, context);
    if (!queue) return { state: { stays, queue: null }, findings: [], prompts: [] };
    if (seconds(queue.fewMs) >= params.clearAfterS) {
      const told = queue.openedMs !== null ? [finding('cleared', queue, standing, frame.atMs, context)] : [];
      return { state: { stays, queue: null }, findings: told, prompts: [] };
    }
    const phase = queue.fewMs === 0 ? nextPhase(queue, standing, frame.atMs, context) : undefined;
    if (!phase) return { state: { stays, queue }, findings: [], prompts: [] };
    return {
      state: {
        stays,
        queue: {
          ...queue,
          openedMs: queue.openedMs ?? frame.atMs,
          toldMs: frame.atMs,
          priority: params.priority,
        },
      },
      findings: [finding(phase, queue, standing, frame.atMs, context)],
      prompts: [],
    };
  },

  explain({ stays, queue }, context) {
    if (!queue) return [];
    return [
      {
        kind,
        zone: context.zone.id,
        occupancy: queue.key,
        phase: queue.openedMs === null ? 'watching' : 'open',
        class: queue.class,
        box: rounded(queue.box),
        sinceMs: queue.sinceMs,
        gates: gates(standingIn(stays), context),
      },
    ];
  },

  open({ queue }) {
    if (!queue || queue.openedMs === null) return [];
    const { key, priority, class: objectClass, box, sinceMs } = queue;
    return [{ key, priority, class: objectClass, box: rounded(box), sinceMs } satisfies OpenOccupancy];
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
  return stayTerms(context, forS * 1000, forS * 1000, {
    inside: insideOf(context),
    classes,
    clearMs: clearAfterS * 1000,
    joinsShifts: false,
  });
}

function insideOf({ zone }: Context) {
  return (box: Box) => insidePolygon(bottomCentre(box), zone.polygon);
}

/** The stays whose vehicle stands there now or is hidden, longest first. */
function standingIn({ occupancies }: OccupancyState): readonly Occupancy[] {
  return occupancies
    .filter((o) => !o.left && o.absentMs === 0 && o.stoodMs >= standsAfterMs)
    .toSorted((a, b) => b.stoodMs - a.stoodMs);
}

/** Time since the frame before, or 0 if nobody watched. */
function watchedMs(before: OccupancyState, after: OccupancyState, context: Context): number {
  if (before.lastMs === null || after.lastMs === null) return 0;
  const pauseMs = after.lastMs - before.lastMs;
  return pauseMs > 0 && pauseMs <= terms(context).gapMs ? pauseMs : 0;
}

/** The queue after a frame; a new one begins when enough stand, or when one stands, so that it can be told why there is none. */
function follow(
  queue: Queue | null,
  standing: readonly Occupancy[],
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
      ...{ key, sinceMs: first.sinceMs, box: around(standing, first.box), class: first.class },
      ...{ fewMs: 0, openedMs: null, toldMs: null, priority: params.priority },
    };
  }
  if (!first && queue.openedMs === null) return null;
  const counted = enough || queue.openedMs === null;
  return {
    ...queue,
    sinceMs: queue.openedMs === null ? (decisive?.sinceMs ?? queue.sinceMs) : queue.sinceMs,
    // After a restart with the clock set back it may lie ahead.
    toldMs: queue.toldMs === null ? null : Math.min(queue.toldMs, atMs),
    box: around(standing, queue.box),
    class: first?.class ?? queue.class,
    fewMs: counted ? 0 : queue.fewMs + passedMs,
  };
}

function around(standing: readonly Occupancy[], otherwise: Box): Box {
  if (standing.length === 0) return otherwise;
  const boxes = standing.map((o) => o.box);
  return {
    x1: Math.min(...boxes.map((b) => b.x1)),
    y1: Math.min(...boxes.map((b) => b.y1)),
    x2: Math.max(...boxes.map((b) => b.x2)),
    y2: Math.max(...boxes.map((b) => b.y2)),
  };
}

function nextPhase(
  queue: Queue,
  standing: readonly Occupancy[],
  atMs: number,
  context: Context,
): IncidentPhase | undefined {
  if (queue.openedMs === null)
    return gates(standing, context).every((gate) => gate.passed) ? 'opened' : undefined;
  return queue.toldMs !== null && atMs - queue.toldMs >= tellEveryMs ? 'updated' : undefined;
}

/** Every condition, measured: how many stand, and how long that many of them have. */
function gates(standing: readonly Occupancy[], context: Context): Gate[] {
  const { vehicles, forS } = context.params;
  const decisive = standing[vehicles - 1];
  return [
    ...inForceGates(context),
    { name: 'vehicles', value: standing.length, threshold: vehicles, passed: standing.length >= vehicles },
    above('stuck', seconds(decisive?.stoodMs ?? 0), forS),
  ];
}

function finding(
  phase: IncidentPhase,
  queue: Queue,
  standing: readonly Occupancy[],
  atMs: number,
  context: Context,
): Finding {
  const { camera, zone, params } = context;
  const left: Gate[] = [
    { name: 'vehicles', value: standing.length, passed: true },
    above('fewer', seconds(queue.fewMs), params.clearAfterS),
  ];
  return {
    kind,
    phase,
    camera,
    zone: zone.id,
    occupancy: queue.key,
    priority: params.priority,
    evidence: {
      class: queue.class,
      box: rounded(queue.box),
      sinceMs: queue.sinceMs,
      atMs,
      gates: phase === 'cleared' ? left : gates(standing, context),
    },
  };
}
