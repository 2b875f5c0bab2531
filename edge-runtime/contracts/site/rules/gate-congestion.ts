import { z } from 'zod';
import { classes, clearAfterS, ruleSpec, seconds, whenItHolds } from './parts.ts';

/** Gate congestion (出入口拥堵): a queue of vehicles that does not move. */
export const GateCongestionRule = z.strictObject({
  kind: z.literal('gate-congestion'),
  classes,
  vehicles: z.int().min(1).max(50).default(3).describe('Vehicles that stand at the same time'),
  forS: seconds(5, 3600).default(120).describe('Seconds that so many of them have not moved'),
  clearAfterS: clearAfterS(15),
  ...whenItHolds,
});
export type GateCongestionRule = z.infer<typeof GateCongestionRule>;

export const gateCongestion = ruleSpec({
  schema: GateCongestionRule,
  conditions: ['vehicles', 'stuck', 'fewer'],
  picture: true,
});
