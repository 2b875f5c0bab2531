import { z } from 'zod';
import { Instant } from './primitives.ts';

/** Why an alarm was none; what an installer can mend stands apart from what a site allows. */
export const FalseAlarmReason = z.enum([
  'wrong-object',
  'not-in-zone',
  'passing',
  'allowed',
  'light-or-weather',
  'camera',
  'other',
]);
export type FalseAlarmReason = z.infer<typeof FalseAlarmReason>;

/** What a person found on looking: the alarm was true, or it was not and why. */
export const Label = z.discriminatedUnion('label', [
  z.strictObject({ label: z.literal('confirmed'), note: z.string().trim().max(200).optional() }),
  z.strictObject({
    label: z.literal('false-alarm'),
    reason: FalseAlarmReason,
    note: z.string().trim().max(200).optional(),
  }),
]);
export type Label = z.infer<typeof Label>;

/** A label with who gave it and when. Labels are only ever added; the newest counts. */
export const Verdict = z.strictObject({
  label: z.enum(['confirmed', 'false-alarm']),
  reason: FalseAlarmReason.optional(),
  note: z.string().max(200).optional(),
  by: z.string().max(60),
  at: Instant,
});
export type Verdict = z.infer<typeof Verdict>;

/** How far people have dealt with an incident; apart from whether its physical condition still holds. */
export const Handling = z.strictObject({
  state: z.enum(['new', 'acknowledged', 'confirmed', 'false-alarm']),
  /** Who took it first, and when. */
  by: z.string().max(60).optional(),
  at: Instant.optional(),
  /** What the incident turned out to be; stays on the box. */
  verdict: Verdict.optional(),
});
export type Handling = z.infer<typeof Handling>;
