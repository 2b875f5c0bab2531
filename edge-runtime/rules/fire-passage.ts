import {
  type Box,
  bottomCentre,
  type Condition,
  classGroup,
  type Finding,
  type FirePassageRule,
  type IncidentPhase,
  insidePolygon,
  type ObjectClass,
  type Prompt,
} from '@gatehouse/contracts';
import { footprint, laneBlocked, shareInside } from './footprint.ts';
import { inForceConditions } from './in-force.ts';
import { above, candidateOf, evidenceOf, findingOf, openOf, round4, seconds } from './life.ts';
import type { Rule, RuleContext } from './rule.ts';
import { type Stages, stagesFor } from './stages.ts';
import {
  absentCondition,
  carriedStays,
  conditionsOfStay,
  stayTerms,
  stepStays,
  unseenConditions,
} from './stay.ts';
import { noStays, type Stay, type StayState } from './stay-state.ts';
import { isSure } from './sureness.ts';

type Context = RuleContext<FirePassageRule>;
const kind = 'fire-passage';

/**
 * Defaults of the stages that the site file leaves out. In a corridor things are put down for minutes, at a
 * door or beside a lift, and are left for hours.
 */
const defaults = {
  lane: { voiceS: 30, escalateS: 300, objectS: 60 },
  corridor: { voiceS: 30, escalateS: 3600, objectS: 600 },
};

/**
 * Fire passage (消防通道占用): a vehicle, or a thing left behind, stands in it. It stands in it with its bottom
 * centre, or with part of its footprint, or by blocking part of the lane's width. In a corridor it does so
 * with any part of its footprint. One incident for one stay.
 * `voice` gives a prompt once, before it; `escalate` and a fire alarm raise its priority at once.
 */
export const firePassage: Rule<FirePassageRule, StayState> = {
  kind,
  initial: noStays,

  step(before, frame, context) {
    const { atMs } = frame;
    const tell = (phase: IncidentPhase, o: Stay) => finding(phase, o, atMs, context);
    const step = stepStays(before, frame, terms(context), (o) => signsOf(o, context), tell);
    const prompts: Prompt[] = [];
    const occupancies = step.state.occupancies.map((o) => {
      if (!step.standing.has(o.key) || !promptDue(o, context)) return o;
      prompts.push(prompt(o, atMs, context));
      return { ...o, promptedMs: atMs };
    });
    return { state: { ...step.state, occupancies }, findings: step.findings, prompts };
  },

  explain(state, context) {
    return state.occupancies.map((o) => candidateOf(kind, o, conditions(o, context), context.zone.id));
  },

  open(state) {
    return openOf(state.occupancies);
  },

  carryOver(state, context) {
    return carriedStays(state, countedClasses(context), (box) => standsIn(box, context));
  },
};

/** The voice is for drivers: a thing left behind hears none. */
function stagesOf(objectClass: ObjectClass, { params }: Pick<Context, 'params'>): Stages {
  const isObject = objectClass === 'object';
  const { objectS, ...usual } = defaults[params.place];
  const alarmS = isObject ? (params.objectAfterS ?? objectS) : params.alarmAfterS;
  const stages = stagesFor(objectClass, params, { ...usual, alarmS });
  return isObject ? { ...stages, voiceS: undefined } : stages;
}

/**
 * In a corridor cycles and things count, as far as they are asked for: a car that a detector sees there is
 * none, and a person is in nobody's way.
 */
function countedClasses({ params }: Context): readonly ObjectClass[] {
  const { classes, place, objects } = params;
  const asked =
    place === 'corridor' ? classes.filter((one) => ['cycle', 'object'].includes(classGroup(one))) : classes;
  return objects && !asked.includes('object') ? [...asked, 'object'] : asked;
}

function terms(context: Context) {
  const classes = countedClasses(context);
  const alarms = classes.map((one) => stagesOf(one, context).alarmS * 1000);
  return stayTerms(context, Math.min(...alarms), Math.max(...alarms), {
    inside: (box) => standsIn(box, context),
    classes,
    clearMs: context.params.clearAfterS * 1000,
  });
}

/** The place of a box in the zone, by each of the three ways. */
function placeOf(box: Box, { zone, moment }: Context) {
  const ground = footprint(box);
  const overlap = shareInside(ground, zone.polygon);
  return {
    bottomCentre: insidePolygon(bottomCentre(box), zone.polygon),
    overlap: round4(overlap),
    // A box outside blocks nothing; most passing vehicles are outside, all day.
    blocked: overlap > 0 ? round4(laneBlocked(ground, zone.polygon, moment.aspect)) : 0,
  };
}

function standsIn(box: Box, context: Context): boolean {
  const { zone, params } = context;
  if (params.place === 'corridor') return shareInside(footprint(box), zone.polygon) > 0;
  if (insidePolygon(bottomCentre(box), zone.polygon)) return true;
  const { overlap, blocked } = placeOf(box, context);
  return overlap >= params.overlap || blocked >= params.laneBlocked;
}

/** The place's gates: any way suffices, so that the ways it does not need carry no threshold. */
function placeConditions(box: Box, context: Context): Condition[] {
  const { params } = context;
  if (params.place === 'corridor') {
    const inside = standsIn(box, context);
    return [{ name: 'inside-zone', value: inside, threshold: true, passed: inside }];
  }
  const place = placeOf(box, context);
  const inside = place.bottomCentre || place.overlap >= params.overlap || place.blocked >= params.laneBlocked;
  const percent = (part: number) => Math.round(part * 1000) / 10;
  const gate = (name: string, part: number, threshold: number): Condition => ({
    name,
    value: percent(part),
    ...(part < threshold && inside ? {} : { threshold: percent(threshold) }),
    unit: '%',
    passed: part >= threshold || inside,
  });
  return [
    { name: 'inside-zone', value: inside, threshold: true, passed: inside },
    gate('footprint-overlap', place.overlap, params.overlap),
    gate('lane-blocked', place.blocked, params.laneBlocked),
  ];
}

function signsOf(o: Stay, context: Context) {
  // The dwell is looked at first: how far a box is in the lane takes longer to tell, and seldom decides.
  const isDue = () => context.moment.fireAlarm || seconds(o.stoodMs) >= stagesOf(o.class, context).alarmS;
  return {
    isMet: () => isDue() && conditions(o, context).every((gate) => gate.passed),
    priority: priorityOf(o, context),
    escalatesFrom: o.priority ?? context.params.priority,
  };
}

/** 1 while a fire alarm is active and from the escalation on; an incident's priority never falls. */
function priorityOf(o: Stay, context: Context): number {
  const { moment, params } = context;
  const urgent = moment.fireAlarm || seconds(o.stoodMs) >= stagesOf(o.class, context).escalateS;
  return urgent ? 1 : Math.min(o.priority ?? params.priority, params.priority);
}

/** Every condition of an alarm, measured against its threshold. */
function conditions(o: Stay, context: Context): Condition[] {
  const { params, moment } = context;
  const stood = seconds(o.stoodMs);
  const { alarmS, escalateS: escalation } = stagesOf(o.class, context);
  const escalated = o.openedMs !== null && stood >= escalation;
  return [
    ...inForceConditions(context),
    ...conditionsOfStay(
      o,
      countedClasses(context),
      placeConditions(o.place.box, context),
      params.clearAfterS,
    ),
    ...(moment.fireAlarm ? [{ name: 'fire-alarm', value: true, passed: true }] : []),
    above('stopped', stood, params.stoppedAfterS),
    above('dwell', stood, moment.fireAlarm ? Math.min(alarmS, params.stoppedAfterS) : alarmS),
    ...(escalated ? [above('escalated', stood, escalation)] : []),
    ...unseenConditions(o),
  ];
}

function finding(phase: IncidentPhase, o: Stay, atMs: number, context: Context): Finding {
  const told =
    phase === 'cleared' ? [absentCondition(o, context.params.clearAfterS)] : conditions(o, context);
  const priority = phase === 'cleared' ? (o.priority ?? context.params.priority) : priorityOf(o, context);
  return findingOf(kind, phase, o, { atMs, priority, gates: told }, context);
}

function promptDue(o: Stay, context: Context): boolean {
  const voice = stagesOf(o.class, context).voiceS;
  if (o.openedMs !== null || o.promptedMs !== null || voice === undefined) return false;
  return seconds(o.stoodMs) >= voice && isSure(o.bundled) && standsIn(o.place.box, context);
}

function prompt(o: Stay, atMs: number, context: Context): Prompt {
  const { camera, zone } = context;
  const voice = stagesOf(o.class, context).voiceS ?? 0;
  const told = [
    ...conditionsOfStay(
      o,
      countedClasses(context),
      placeConditions(o.place.box, context),
      context.params.clearAfterS,
    ),
    above('voice', seconds(o.stoodMs), voice),
  ];
  return {
    kind,
    stage: 'voice',
    camera,
    zone: zone.id,
    occupancy: o.key,
    evidence: evidenceOf(o, atMs, told),
  };
}
