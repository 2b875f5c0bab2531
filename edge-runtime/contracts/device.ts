import { z } from 'zod';
import { Id, Instant, LocalName } from './primitives.ts';

export const DeviceKind = z.enum(['door', 'barrier']);
export type DeviceKind = z.infer<typeof DeviceKind>;

/** `open` pulses a door or raises a barrier; `close` lowers a barrier; `stop` halts one. */
export const DeviceAction = z.enum(['open', 'close', 'stop']);
export type DeviceAction = z.infer<typeof DeviceAction>;

/** Who asks. `user` is the login, the flow or the platform's operator; `box` is a safety reflex of the box itself. */
export const CommandOrigin = z.strictObject({
  channel: z.enum(['console', 'flows', 'upstream', 'cli', 'box']),
  user: z.string().min(1).max(60),
  reason: z.string().max(200).optional(),
});
export type CommandOrigin = z.infer<typeof CommandOrigin>;

/** doors.md, command contract 2: absolute expiry inside the payload, default 10 s, at most 30 s ahead. */
export const maxCommandLifeMs = 30_000;
export const defaultCommandLifeMs = 10_000;

/** A request to move a device. Idempotent by `commandId`: a repeat gets the stored outcome. */
export const DeviceCommand = z.strictObject({
  commandId: z.uuid(),
  device: Id,
  action: DeviceAction,
  expiresAt: Instant,
  origin: CommandOrigin,
});
export type DeviceCommand = z.infer<typeof DeviceCommand>;

export const CommandState = z.enum([
  'accepted',
  'executing',
  'confirmed',
  'unconfirmed',
  'expired',
  'rejected',
  'superseded',
  'unknown',
]);
export type CommandState = z.infer<typeof CommandState>;

/** Where a command stands. "Relay actuated" and "door opened" are told apart (doors.md, contract 6). */
export const CommandOutcome = z.strictObject({
  commandId: z.uuid(),
  device: Id,
  action: DeviceAction,
  origin: CommandOrigin,
  state: CommandState,
  /** Stable code of why not, e.g. `DEVICE_LOST`, `LOOP_OCCUPIED`, `COMMAND_EXPIRED`. */
  reason: z.string().max(60).optional(),
  relay: z.enum(['actuated', 'not-actuated', 'unknown']),
  feedback: z.enum(['reached', 'not-reached', 'none-fitted', 'unknown']),
  acceptedAt: Instant,
  finishedAt: Instant.optional(),
  /** Request to read-back, milliseconds, monotonic. */
  tookMs: z.number().min(0).optional(),
});
export type CommandOutcome = z.infer<typeof CommandOutcome>;

/** What a device is known to be. Stale state is `unknown` with its age, never the last value. */
export const DeviceState = z.strictObject({
  id: Id,
  kind: DeviceKind,
  name: LocalName,
  position: z.enum(['closed', 'opening', 'open', 'closing', 'stopped', 'unknown']),
  comms: z.enum(['ok', 'lost', 'starting']),
  /** Milliseconds since the device last answered; absent if it never did. */
  ageMs: z.number().min(0).optional(),
  /** Named dry-contact inputs as last read, e.g. `{"loop": true}`; empty while unknown. */
  inputs: z.record(z.string(), z.boolean()),
  actions: z.array(DeviceAction),
  lastCommand: CommandOutcome.optional(),
});
export type DeviceState = z.infer<typeof DeviceState>;

/** What drivers hand to the runtime durably: every command that ended, every alarm. `id` makes a resend harmless. */
export const DeviceEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('command'),
    id: z.uuid(),
    sequence: z.int().min(1),
    at: Instant,
    outcome: CommandOutcome,
  }),
  z.strictObject({
    type: z.literal('comms'),
    id: z.uuid(),
    sequence: z.int().min(1),
    at: Instant,
    device: Id,
    comms: z.enum(['ok', 'lost']),
    reason: z.string().max(200).optional(),
  }),
]);
export type DeviceEvent = z.infer<typeof DeviceEvent>;
