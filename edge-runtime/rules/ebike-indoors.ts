import {
  type Box,
  bottomCentre,
  type Condition,
  type EbikeIndoorsRule,
  type Finding,
  type IncidentPhase,
  insidePolygon,
  type ObjectClass,
  type Prompt,
} from '@gatehouse/contracts';
import { footprint, shareInside } from './footprint.ts';
import { inForceConditions } from './in-force.ts';
import { above, candidateOf, evidenceOf, findingOf, live, openOf, seconds } from './life.ts';
import { advancePresences } from './presence.ts';
import { noPresences, type Presence, type PresenceState, type PresenceTerms } from './presence-state.ts';
import type { Rule, RuleContext } from './rule.ts';
import { stagesFor } from './stages.ts';
import { gapTolerance, keysOf, leastForgetMs } from './stay.ts';

type Context = RuleContext<EbikeIndoorsRule>;
const kind = 'ebike-indoors';

/** Defaults of the stages that the site file leaves out: two looks at one frame a second; a minute. */
const defaults = { voiceS: 2, escalateS: 60 };
/** Part of the footprint in the zone from which it is inside, as in a fire passage. */
const leastInside = 0.3;

/**
 * E-bike indoors (电动车进楼): an e-bike or bicycle is in the zone, whether it is pushed, ridden or stands.
 * One incident for one of them, from its entry until it has been gone for `clearAfterS`.
 */
export const ebikeIndoors: Rule<EbikeIndoorsRule, PresenceState> = {
  kind,
  initial: noPresences,

  step(before, frame, context) {
    const { atMs } = frame;
    const { state, here, ended } = advancePresences(before, frame, termsOf(context));
    const findings = ended
      .filter(({ openedMs }) => openedMs !== null)
      .map((one) => finding('cleared', one, atMs, context));
    const prompts: Prompt[] = [];
    const presences = state.presences.map((one) => {
      const present = here.has(one.key);
      const { phase, after = one } = live(one, {
        atMs,
        present,
        over: false,
        isMet: () => conditionsOf(one, context).every(({ passed }) => passed),
        priority: priorityOf(one, context),
        escalatesFrom: one.priority ?? context.params.priority,
      });
      if (phase) findings.push(finding(phase, one, atMs, context));
      if (!present || !isPromptDue(after, context)) return after;
      prompts.push(promptOf(one, atMs, context));
      return { ...after, promptedMs: atMs };
    });
    return { state: { ...state, presences }, findings, prompts };
  },

  explain({ presences }, context) {
    return presences.map((one) => candidateOf(kind, one, conditionsOf(one, context), context.zone.id));
  },

  open({ presences }) {
    return openOf(presences);
  },

  carryOver(state, context) {
    const holds = (one: Presence) => isCounted(one.class, context) && isInside(one.box, context);
    return {
      state: { ...state, presences: state.presences.filter(holds) },
      dropped: state.presences.filter((one) => one.openedMs !== null && !holds(one)).map(({ key }) => key),
    };
  },
};

function stagesOf(objectClass: ObjectClass, { params }: Context) {
  return stagesFor(objectClass, params, { ...defaults, alarmS: params.alarmAfterS });
}

function isCounted(objectClass: ObjectClass, { params }: Context): boolean {
  return params.classes.some((counted) => counted === objectClass);
}

function isInside(box: Box, { zone }: Context): boolean {
  return (
    insidePolygon(bottomCentre(box), zone.polygon) || shareInside(footprint(box), zone.polygon) >= leastInside
  );
}

function termsOf(context: Context): PresenceTerms {
  const { params, zone, ordinal, moment } = context;
  const alarmsMs = params.classes.map((one) => stagesOf(one, context).alarmS * 1000);
  return {
    inside: (box) => isInside(box, context),
    classes: params.classes,
    aspect: moment.aspect,
    gapMs: gapTolerance(Math.min(...alarmsMs)),
    clearMs: params.clearAfterS * 1000,
    forgetMs: Math.max(leastForgetMs, ...alarmsMs),
    keyOf: keysOf(zone.id, ordinal),
  };
}

/** 1 while a fire alarm is active and from the escalation on; an incident's priority never falls. */
function priorityOf(one: Presence, context: Context): number {
  const { moment, params } = context;
  const stays = seconds(one.insideMs) >= stagesOf(one.class, context).escalateS;
  return moment.fireAlarm || stays ? 1 : Math.min(one.priority ?? params.priority, params.priority);
}

function placeConditions(one: Presence, context: Context): Condition[] {
  const inside = isInside(one.box, context);
  const absentS = seconds(one.absentMs);
  const { classes, clearAfterS } = context.params;
  return [
    { name: 'class', value: one.class, threshold: classes.join(' '), passed: isCounted(one.class, context) },
    { name: 'inside-zone', value: inside, threshold: true, passed: inside },
    { name: 'present', value: absentS, threshold: clearAfterS, unit: 's', passed: absentS < clearAfterS },
  ];
}

/** Every condition of an alarm, measured against its threshold. */
function conditionsOf(one: Presence, context: Context): Condition[] {
  const insideS = seconds(one.insideMs);
  const { alarmS, escalateS } = stagesOf(one.class, context);
  const isEscalated = one.openedMs !== null && insideS >= escalateS;
  const unseenS = seconds(Math.max(0, one.lastMs - one.sinceMs - one.insideMs));
  const heldS = seconds(one.heldMs);
  return [
    ...inForceConditions(context),
    ...placeConditions(one, context),
    ...(context.moment.fireAlarm ? [{ name: 'fire-alarm', value: true, passed: true }] : []),
    above('dwell', insideS, alarmS),
    ...(isEscalated ? [above('escalated', insideS, escalateS)] : []),
    { name: 'unseen', value: unseenS, unit: 's', passed: true },
    ...(heldS > 0 ? [{ name: 'held', value: heldS, unit: 's', passed: true }] : []),
  ];
}

function finding(phase: IncidentPhase, one: Presence, atMs: number, context: Context): Finding {
  const isCleared = phase === 'cleared';
  const { clearAfterS, priority: usual } = context.params;
  const gates = isCleared
    ? [above('absent', seconds(one.absentMs), clearAfterS)]
    : conditionsOf(one, context);
  const priority = isCleared ? (one.priority ?? usual) : priorityOf(one, context);
  return findingOf(kind, phase, one, { atMs, priority, gates }, context);
}

function isPromptDue(one: Presence, context: Context): boolean {
  const { voiceS } = stagesOf(one.class, context);
  if (one.openedMs !== null || one.promptedMs !== null || voiceS === undefined) return false;
  return seconds(one.insideMs) >= voiceS && isCounted(one.class, context);
}

function promptOf(one: Presence, atMs: number, context: Context): Prompt {
  const { voiceS = 0 } = stagesOf(one.class, context);
  const gates = [...placeConditions(one, context), above('voice', seconds(one.insideMs), voiceS)];
  const evidence = evidenceOf(one, atMs, gates);
  return {
    kind,
    stage: 'voice',
    camera: context.camera,
    zone: context.zone.id,
    occupancy: one.key,
    evidence,
  };
}
