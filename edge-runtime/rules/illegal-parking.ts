import {
  type Box,
  bottomCentre,
  type Condition,
  type Finding,
  type IllegalParkingRule,
  type IncidentPhase,
  insidePolygon,
} from '@gatehouse/contracts';
import { inForceConditions } from './in-force.ts';
import { above, candidateOf, findingOf, openOf, seconds } from './life.ts';
import type { Rule, RuleContext } from './rule.ts';
import {
  absentCondition,
  carriedStays,
  conditionsOfStay,
  stayTerms,
  stepStays,
  unseenConditions,
} from './stay.ts';
import { noStays, type Stay, type StayState } from './stay-state.ts';

type Context = RuleContext<IllegalParkingRule>;
const kind = 'illegal-parking';

/**
 * Illegal parking (违停): a vehicle stands in the zone for `violationAfterS`. It need not be seen arriving. One
 * incident for one stay; it clears after `clearAfterS` of continuous absence or motion.
 */
export const illegalParking: Rule<IllegalParkingRule, StayState> = {
  kind,
  initial: noStays,

  step(before, frame, context) {
    const signsOf = (o: Stay) => ({
      isMet: () => conditions(o, context).every((gate) => gate.passed),
      priority: context.params.priority,
    });
    const tell = (phase: IncidentPhase, o: Stay) => finding(phase, o, frame.atMs, context);
    const { state, findings } = stepStays(before, frame, terms(context), signsOf, tell);
    return { state, findings, prompts: [] };
  },

  explain(state, context) {
    return state.occupancies.map((o) => candidateOf(kind, o, conditions(o, context), context.zone.id));
  },

  open(state) {
    return openOf(state.occupancies);
  },

  carryOver(state, context) {
    return carriedStays(state, context.params.classes, insideOf(context));
  },
};

function terms(context: Context) {
  const { params } = context;
  const own = Object.values(params.perClass ?? {}).flatMap(({ violationAfterS }) => violationAfterS ?? []);
  const violations = [params.violationAfterS, ...own].map((s) => s * 1000);
  return stayTerms(context, Math.min(...violations), Math.max(...violations), {
    inside: insideOf(context),
    classes: params.classes,
    clearMs: params.clearAfterS * 1000,
  });
}

function insideOf({ zone }: Context) {
  return (box: Box) => insidePolygon(bottomCentre(box), zone.polygon);
}

/** Every condition of an alarm, measured against its threshold. */
function conditions(o: Stay, context: Context): Condition[] {
  const { params } = context;
  const stood = seconds(o.stoodMs);
  const inside = insideOf(context)(o.place.box);
  return [
    ...inForceConditions(context),
    ...conditionsOfStay(
      o,
      params.classes,
      [{ name: 'inside-zone', value: inside, threshold: true, passed: inside }],
      params.clearAfterS,
    ),
    above('stopped', stood, params.stoppedAfterS),
    above('dwell', stood, params.perClass?.[o.class]?.violationAfterS ?? params.violationAfterS),
    ...unseenConditions(o),
  ];
}

function finding(phase: IncidentPhase, o: Stay, atMs: number, context: Context): Finding {
  const { params } = context;
  const told = phase === 'cleared' ? [absentCondition(o, params.clearAfterS)] : conditions(o, context);
  return findingOf(kind, phase, o, { atMs, priority: params.priority, gates: told }, context);
}
