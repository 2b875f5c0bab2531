import { z } from 'zod';
import { ObjectClass } from '../../primitives.ts';
import {
  clearAfterS,
  perClass,
  ruleSpec,
  seconds,
  stageOrders,
  stagesOfClass,
  whenItHolds,
} from './parts.ts';

/**
 * E-bike indoors (电动车进楼): an e-bike or a bicycle is in a hall, a corridor, a lift lobby or a stairwell,
 * pushed, ridden or standing. Its battery may burn there, on the only way out. So its stages are short: a
 * voice prompt as soon as it is sure, the alarm while it is still on its way, and priority 1 once it stays.
 */
export const EbikeIndoorsRule = z.strictObject({
  kind: z.literal('ebike-indoors'),
  classes: z
    .array(ObjectClass.extract(['motorcycle', 'bicycle']))
    .min(1)
    .default(['motorcycle', 'bicycle'])
    .describe('Which cycles count. Detectors take e-bikes for either'),
  voiceAfterS: seconds(1, 3600)
    .optional()
    .describe('Seconds in the zone until the voice prompt; 2 if absent, and none if the alarm comes first'),
  alarmAfterS: seconds(5, 3600).default(10).describe('Seconds in the zone that make it an incident'),
  escalateAfterS: seconds(5, 7200)
    .optional()
    .describe(
      'Seconds in the zone that raise the incident to priority 1; 60 if absent, never before the alarm',
    ),
  clearAfterS: clearAfterS(10).describe('Seconds of continuous absence that clear it'),
  perClass: perClass(stagesOfClass),
  ...whenItHolds,
});
export type EbikeIndoorsRule = z.infer<typeof EbikeIndoorsRule>;

/** Without a picture: whoever brings it in walks beside it, near the camera. */
export const ebikeIndoors = ruleSpec({
  schema: EbikeIndoorsRule,
  conditions: [
    'class',
    'inside-zone',
    'present',
    'dwell',
    'unseen',
    'held',
    'absent',
    'voice',
    'escalated',
    'fire-alarm',
  ],
  picture: false,
  orders: stageOrders,
});
