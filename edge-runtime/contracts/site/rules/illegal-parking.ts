import { z } from 'zod';
import {
  classes,
  clearAfterS,
  order,
  perClass,
  ruleSpec,
  seconds,
  stayConditions,
  whenItHolds,
} from './parts.ts';

/** Illegal parking (违停). */
export const IllegalParkingRule = z.strictObject({
  kind: z.literal('illegal-parking'),
  classes,
  stoppedAfterS: seconds(0, 120)
    .default(10)
    .describe('Seconds of standing still before dwell is shown as stopped'),
  violationAfterS: seconds(5, 3600).default(300).describe('Seconds of dwell that make it an incident'),
  clearAfterS: clearAfterS(10),
  perClass: perClass({ violationAfterS: seconds(5, 3600).optional() }),
  ...whenItHolds,
});
export type IllegalParkingRule = z.infer<typeof IllegalParkingRule>;

export const illegalParking = ruleSpec({
  schema: IllegalParkingRule,
  conditions: stayConditions,
  picture: true,
  orders: ({ stoppedAfterS, violationAfterS, perClass: own = {} }) => [
    order(['stoppedAfterS'], stoppedAfterS, 'violationAfterS', violationAfterS),
    ...Object.entries(own).map(([name, one]) =>
      order(['perClass', name, 'violationAfterS'], stoppedAfterS, 'violationAfterS', one?.violationAfterS),
    ),
  ],
});
