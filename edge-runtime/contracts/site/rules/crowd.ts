import { z } from 'zod';
import { clearAfterS, ruleSpec, seconds, TimeOfDay, whenItHolds } from './parts.ts';

/** Crowd (人员聚集): people who stand together. At night a second, lower number counts besides. */
export const CrowdRule = z.strictObject({
  kind: z.literal('crowd'),
  people: z.int().min(2).max(200).default(10).describe('People together that make a crowd'),
  forS: seconds(1, 600).default(30).describe('Seconds that they stay together'),
  night: z
    .union([
      z.literal(false),
      z.strictObject({
        people: z.int().min(2).max(200).default(5),
        forS: seconds(1, 600).default(60),
        from: TimeOfDay.default('23:00'),
        to: TimeOfDay.default('06:00'),
      }),
    ])
    .prefault({})
    .describe('At night this number for this long is a crowd, too; false: as by day'),
  clearMargin: z
    .int()
    .min(1)
    .max(100)
    .default(2)
    .describe('It clears when at least so many fewer than the number are left'),
  clearAfterS: clearAfterS(15),
  distance: z
    .number()
    .min(0.1)
    .max(5)
    .default(0.75)
    .describe('Farthest that neighbours of one group are apart, in heights of a standing person there'),
  walkThrough: z
    .enum(['exclude', 'count'])
    .default('exclude')
    .describe('Whether people who walk through count'),
  walkingSpeed: z
    .number()
    .min(0.05)
    .max(5)
    .default(0.2)
    .describe('Median speed at which somebody walks through, heights of a standing person a second'),
  ...whenItHolds,
});
export type CrowdRule = z.infer<typeof CrowdRule>;

export const crowd = ruleSpec({
  schema: CrowdRule,
  conditions: ['people', 'together', 'night', 'walking-through', 'suspects', 'fewer'],
  // A picture of many people is more than the platform needs to act.
  picture: false,
  windows: ({ night }) => (night ? [{ at: ['night'], window: night }] : []),
});
