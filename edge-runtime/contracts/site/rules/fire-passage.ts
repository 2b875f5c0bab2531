import { z } from 'zod';
import {
  classes,
  clearAfterS,
  order,
  perClass,
  ruleSpec,
  seconds,
  stageOrders,
  stagesOfClass,
  stayConditions,
  whenItHolds,
} from './parts.ts';

/**
 * Fire passage (消防通道占用): vehicles, and things left behind that no detector has a class for. One stay has
 * three stages: a voice prompt for the driver, the alarm, which opens the incident, and its escalation to
 * priority 1. Indoors (楼道、楼梯间) nobody drives; there it is about things. While a fire alarm is active
 * every stay in it is priority 1 at once.
 */
export const FirePassageRule = z.strictObject({
  kind: z.literal('fire-passage'),
  place: z
    .enum(['lane', 'corridor'])
    .default('lane')
    .describe(
      'lane: a way for fire engines. corridor: a corridor, stairwell or lift lobby; things left behind count from the first centimetre of the way, vehicles and people never',
    ),
  classes,
  objects: z
    .boolean()
    .default(true)
    .describe('Whether unknown things that were left behind count (class "object")'),
  overlap: z
    .number()
    .min(0.05)
    .max(1)
    .default(0.3)
    .describe('Part of the footprint (lower 35 % of the box) inside the zone at which it stands in it'),
  laneBlocked: z
    .number()
    .min(0.05)
    .max(1)
    .default(0.4)
    .describe('Part of the lane width that the footprint blocks at which it stands in it'),
  stoppedAfterS: seconds(0, 120)
    .default(5)
    .describe('Seconds of standing still after which it counts as stopped; all that a fire alarm waits for'),
  voiceAfterS: seconds(1, 3600)
    .optional()
    .describe('Seconds of dwell until the voice prompt; 30 if absent, and none if the alarm comes first'),
  alarmAfterS: seconds(5, 3600).default(120).describe('Seconds of dwell that make it an incident'),
  escalateAfterS: seconds(5, 7200)
    .optional()
    .describe(
      'Seconds of dwell that raise the incident to priority 1; 300 if absent, 3600 in a corridor, never before the alarm',
    ),
  objectAfterS: seconds(5, 14_400)
    .optional()
    .describe('The same as alarmAfterS, for things left behind; 60 if absent, 600 in a corridor'),
  clearAfterS: clearAfterS(10),
  perClass: perClass(stagesOfClass),
  ...whenItHolds,
});
export type FirePassageRule = z.infer<typeof FirePassageRule>;

export const firePassage = ruleSpec({
  schema: FirePassageRule,
  conditions: [...stayConditions, 'footprint-overlap', 'lane-blocked', 'voice', 'escalated', 'fire-alarm'],
  picture: true,
  orders: (rule) => [
    order(['stoppedAfterS'], rule.stoppedAfterS, 'alarmAfterS', rule.alarmAfterS),
    ...stageOrders(rule),
  ],
});
