import { z } from 'zod';
import { Instant } from './primitives.ts';

/**
 * The reason of a false alarm. Reasons that an installer can mend stand apart from those that a site allows.
 */
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

/** A person's finding after a look: the alarm was true, or it was false for a reason. */
export const Label = z.discriminatedUnion('label', [
  z.strictObject({ label: z.literal('confirmed'), note: z.string().trim().max(200).optional() }),
  z.strictObject({
    label: z.literal('false-alarm'),
    reason: FalseAlarmReason,
    note: z.string().trim().max(200).optional(),
  }),
]);
export type Label = z.infer<typeof Label>;

/** A label with its author and time. Labels are only ever added; the newest counts. */
export const Verdict = z.strictObject({
  label: z.enum(['confirmed', 'false-alarm']),
  reason: FalseAlarmReason.optional(),
  note: z.string().max(200).optional(),
  by: z.string().max(60),
  at: Instant,
});
export type Verdict = z.infer<typeof Verdict>;

/**
 * The progress of people with an incident. It says nothing about its physical condition, which may still
 * hold.
 */
export const Handling = z.strictObject({
  state: z.enum(['new', 'acknowledged', 'confirmed', 'false-alarm']),
  /** The first person who took it, and the time. */
  by: z.string().max(60).optional(),
  at: Instant.optional(),
  /** The verdict on the incident; it stays on the box. */
  verdict: Verdict.optional(),
});
export type Handling = z.infer<typeof Handling>;
