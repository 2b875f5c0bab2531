import { z } from 'zod';
import { IncidentKind } from './incident.ts';
import { Id, Instant, LocalName } from './primitives.ts';

export const DeviceKind = z.enum(['door', 'gate', 'barrier']);
export type DeviceKind = z.infer<typeof DeviceKind>;

/**
 * `open` pulses a door or raises a barrier. `close` closes a gate or lowers a barrier. `stop` halts one.
 * `hold-open` opens and holds for a bounded time (a lease); after it the device is let go by itself.
 * `release` ends that at once.
 */
export const DeviceAction = z.enum(['open', 'close', 'stop', 'hold-open', 'release']);
export type DeviceAction = z.infer<typeof DeviceAction>;

/**
 * The origin of a command. `user` is the login, the flow, the platform's operator or the card reader (never
 * the card). `box` is a safety reflex of the box itself.
 */
export const CommandOrigin = z.strictObject({
  channel: z.enum(['console', 'flows', 'upstream', 'schedule', 'cli', 'reader', 'box']),
  user: z.string().min(1).max(60),
  reason: z.string().max(200).optional(),
  /**
   * Of the platform: the key that signed the command. Only the drivers write this, because they have verified
   * it.
   */
  key: Id.optional(),
});
export type CommandOrigin = z.infer<typeof CommandOrigin>;

/** Absolute expiry inside the payload, default 10 s, at most 30 s ahead. */
export const maxCommandLifeMs = 30_000;
export const defaultCommandLifeMs = 10_000;
/** The longest lease; the site cannot make it longer. Most boards time a pulse of at most 3 276 s. */
export const maxHoldSeconds = 3_200;

/** A request to move a device. Idempotent by `commandId`: a repeat gets the stored outcome. */
export const DeviceCommand = z.strictObject({
  commandId: z.uuid(),
  device: Id,
  action: DeviceAction,
  /**
   * Seconds of a `hold-open`. If absent, the longest that the site allows for the device. Ignored for other
   * actions.
   */
  holdS: z.int().min(1).max(maxHoldSeconds).optional(),
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

/** The state of a command. "Relay actuated" and "door opened" are told apart (drivers/README.md). */
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

/** Anything unusual about a device's position. */
export const DeviceCondition = z.enum([
  /** A door that has stood open for a while, and one that has for too long. */
  'held-open-warning',
  'held-open',
  /** Opened without a command or the exit button. */
  'forced',
  /** Open on purpose: held by a lease, or by the fire latch. */
  'locked-open',
  /** Did not get to its target, or rose because something stood in its way. */
  'obstructed',
]);
export type DeviceCondition = z.infer<typeof DeviceCondition>;

/** Kinds of incident that devices and inputs raise, except their loss. */
export const DeviceAlarmKind = IncidentKind.extract([
  'door-forced',
  'door-held-open',
  'interlock-violated',
  'device-tamper',
  'device-disagreement',
  'emergency',
  'input-alarm',
]);
export type DeviceAlarmKind = z.infer<typeof DeviceAlarmKind>;

/** Knowledge of a device's contacts and its age. */
const knowledge = {
  comms: z.enum(['ok', 'lost', 'starting']),
  /** Milliseconds since the board last answered; absent if it never did. */
  ageMs: z.number().min(0).optional(),
};

/** The known state of a device. Stale state is `unknown` with its age, never the last value. */
export const DeviceState = z.strictObject({
  id: Id,
  kind: DeviceKind,
  name: LocalName,
  /** Of a barrier `open` is up, `opening` raising, `closing` lowering. */
  position: z.enum(['closed', 'opening', 'open', 'closing', 'stopped', 'unknown']),
  /** Absent: nothing out of the ordinary. */
  condition: DeviceCondition.optional(),
  /** While it is held open: by a lease that ends by itself, or by the fire latch, which a person resets. */
  hold: z
    .discriminatedUnion('by', [
      z.strictObject({ by: z.literal('lease'), until: Instant }),
      z.strictObject({ by: z.literal('fire') }),
    ])
    .optional(),
  /** Alarms about it that are open now. */
  alarms: z.array(DeviceAlarmKind).max(8).optional(),
  ...knowledge,
  /** Named dry-contact inputs as last read, e.g. `{"loop": true}`; empty while unknown. */
  inputs: z.record(z.string(), z.boolean()),
  actions: z.array(DeviceAction),
  /** Longest `hold-open` in seconds, where the device may be held open. */
  maxHoldS: z.int().min(1).max(maxHoldSeconds).optional(),
  lastCommand: CommandOutcome.optional(),
});
export type DeviceState = z.infer<typeof DeviceState>;

/** The meaning of a dry contact of its own. */
export const InputKind = z.enum(['fire', 'help', 'smoke', 'water', 'intrusion', 'tamper']);
export type InputKind = z.infer<typeof InputKind>;

/** The known state of an input: debounced, and independent of its wiring (normally open or closed). */
export const InputState = z.strictObject({
  id: Id,
  kind: InputKind,
  name: LocalName,
  state: z.enum(['normal', 'active', 'unknown']),
  ...knowledge,
});
export type InputState = z.infer<typeof InputState>;

/**
 * The fire latch. Any fire input sets it, and it stays until a person at the box resets it. The release of
 * doors is hard-wired and does not wait for it.
 */
export const FireState = z.strictObject({
  latched: z.boolean(),
  /** When it was set. */
  since: Instant.optional(),
  /** Fire inputs that are active now: while there are any it cannot be reset. */
  active: z.array(Id),
  /** Fire inputs of which nothing is known now. */
  unknown: z.array(Id),
});
export type FireState = z.infer<typeof FireState>;

/** A person at the box resets the fire latch. */
export const FireReset = z.strictObject({
  requestId: z.uuid(),
  expiresAt: Instant,
  origin: CommandOrigin,
});
export type FireReset = z.infer<typeof FireReset>;
