import { z } from 'zod';
import { CommandOutcome, DeviceAlarmKind } from '../device.ts';
import { Condition, IncidentPhase } from '../incident.ts';
import { Id, Instant } from '../primitives.ts';
import { WireAuditHead, WireCommandRefused, WireReadingValue } from '../wire/data.ts';
import { Credential } from './card.ts';

/** `id` makes a resend harmless; `sequence` is the place in the drivers' outbox. */
const envelope = { id: z.uuid(), sequence: z.int().min(1), at: Instant };

/**
 * Events that the drivers hand to the runtime durably: every command that ended, every loss and return, every
 * alarm, readings of sensors, and cards.
 */
export const DeviceEvent = z.discriminatedUnion('type', [
  z.strictObject({ ...envelope, type: z.literal('command'), outcome: CommandOutcome }),
  /** A message of the platform that did not become a command. */
  z.strictObject({ ...envelope, type: z.literal('refusal'), refusal: WireCommandRefused }),
  z.strictObject({ ...envelope, type: z.literal('audit-head'), head: WireAuditHead }),
  z.strictObject({
    ...envelope,
    type: z.literal('comms'),
    /** A device, or the first input of a board that has inputs only, or a sensor. */
    device: Id,
    comms: z.enum(['ok', 'lost']),
    reason: z.string().max(200).optional(),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('alarm'),
    /** One alarm from its opening to its clearing: opened once and cleared once. */
    alarm: z.uuid(),
    kind: DeviceAlarmKind,
    phase: IncidentPhase,
    priority: z.int().min(1).max(3),
    /** The device, input, sensor or interlock that it is about. */
    device: Id,
    /**
     * The conditions that caused it, e.g. `{name: "input", value: "smoke"}`, `{name: "open-for", value: 61,
     * threshold: 60, unit: "s"}`.
     */
    gates: z.array(Condition).max(8),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('card'),
    /** The reader. It never goes upstream. */
    device: Id,
    door: Id,
    credential: Credential,
    known: z.boolean(),
    /** The command that it gave, if it was known. */
    commandId: z.uuid().optional(),
  }),
  z.strictObject({
    ...envelope,
    type: z.literal('reading'),
    device: Id,
    /** Why now: it was time, or a limit was crossed. */
    cause: z.enum(['period', 'limit']),
    values: z.array(WireReadingValue).min(1).max(16),
  }),
]);
export type DeviceEvent = z.infer<typeof DeviceEvent>;
