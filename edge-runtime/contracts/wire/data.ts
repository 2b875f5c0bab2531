import { z } from 'zod';
import { CommandOrigin, CommandState, DeviceAction, InputKind } from '../device.ts';
import { IncidentKind, IncidentPhase } from '../incident.ts';
import { Box, Epoch, EventClass, Id, LoginName, ObjectClass, WireInstant } from '../primitives.ts';
import { CommandReason, CommsReason, ConditionName, RefusalReason, Unit } from './codes.ts';
import { eventTypes } from './event-types.ts';

/**
 * The `data` of each wire event, field by field. This is the egress allow-list: sync-agent lets nothing out
 * that these schemas do not name, so a new field upstream is a change here first. It holds facts only:
 * numbers, words out of closed lists, instants, and names that the box knows. No field holds an image, a
 * template, or text that a person or a flow has written. JSON Schema can say all of it, so that a validator
 * with the published files comes to the same verdict.
 */

/** Numbers that a condition measured; a class of the catalogue; a signal of an input. */
const Measured = z.union([z.number(), z.boolean(), z.enum([...ObjectClass.options, ...InputKind.options])]);
/** Classes that a rule counts, such as `car bus truck`. */
const Classes = z
  .string()
  .regex(
    /^(person|bicycle|car|motorcycle|bus|truck|object)( (person|bicycle|car|motorcycle|bus|truck|object)){0,6}$/,
  );

/** One condition of a rule with its numbers. */
export const WireCondition = z.strictObject({
  name: ConditionName,
  /** Of `reading` and `measured`: which value of the sensor. */
  of: Id.optional(),
  value: Measured,
  threshold: z.union([z.number(), z.boolean(), Classes]).optional(),
  unit: Unit.optional(),
  passed: z.boolean(),
});
export type WireCondition = z.infer<typeof WireCondition>;

export const WireEvidence = z.strictObject({
  class: ObjectClass.optional(),
  /** Fractions of the picture, 0 to 1. */
  box: Box.optional(),
  /** Milliseconds on the box's frame timeline. */
  sinceMs: z.number().min(0),
  atMs: z.number().min(0),
  gates: z.array(WireCondition).max(20),
});
export type WireEvidence = z.infer<typeof WireEvidence>;

/** `gatehouse.incident.v1`: an incident after one change. */
export const WireIncident = z.strictObject({
  id: z.uuid(),
  kind: IncidentKind,
  phase: IncidentPhase,
  priority: z.int().min(1).max(3),
  camera: Id.optional(),
  zone: Id.optional(),
  device: Id.optional(),
  openedAt: WireInstant,
  updatedAt: WireInstant,
  clearedAt: WireInstant.optional(),
  evidence: WireEvidence.optional(),
});
export type WireIncident = z.infer<typeof WireIncident>;

/**
 * `gatehouse.device-command.v1`: a command that ended, its origin and its outcome. `commandId` is the box's
 * own, except for a command of the platform: then it is the platform's.
 */
export const WireCommand = z.strictObject({
  commandId: z.uuid(),
  device: Id,
  action: DeviceAction,
  origin: z.strictObject({
    channel: CommandOrigin.shape.channel,
    /**
     * Of the console: the login that gave it. Of the platform: the operator whom the platform has signed for.
     * The words of a flow or a person about itself or its reasons stay on the box.
     */
    user: LoginName.optional(),
    /** The card reader at which somebody stood. Never the card. */
    reader: Id.optional(),
    /** Of the platform's own commands: the key that signed it. */
    key: Id.optional(),
  }),
  state: CommandState,
  reason: CommandReason.optional(),
  relay: z.enum(['actuated', 'not-actuated', 'unknown']),
  feedback: z.enum(['reached', 'not-reached', 'none-fitted', 'unknown']),
  acceptedAt: WireInstant,
  finishedAt: WireInstant.optional(),
  tookMs: z.number().min(0).optional(),
});
export type WireCommand = z.infer<typeof WireCommand>;

/** `gatehouse.command-refused.v1`: a message on the command topic that did not become a command, and why. */
export const WireCommandRefused = z.strictObject({
  reason: RefusalReason,
  /** True if the signature held. If not, anybody may have sent the message. */
  verified: z.boolean(),
  commandId: z.uuid().optional(),
  /** Which of the site file's keys the message names. */
  key: Id.optional(),
  device: Id.optional(),
  action: DeviceAction.optional(),
  /**
   * Refusals since the one before that were counted only: at most 10 at once and 10 a minute get an event of
   * their own.
   */
  leftOut: z.int().min(1).optional(),
});
export type WireCommandRefused = z.infer<typeof WireCommandRefused>;

/**
 * `gatehouse.audit-head.v1`: the newest link of the drivers' audit chain. Written down here, it proves later
 * that the box's log up to `sequence` has been neither changed nor cut off.
 */
export const WireAuditHead = z.strictObject({
  sequence: z.int().min(1),
  /** SHA-256 of that entry and all before it. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type WireAuditHead = z.infer<typeof WireAuditHead>;

/**
 * `gatehouse.flows-deployed.v1`: the box runs other flows than before. `editor`: somebody deployed them at
 * the box; `platform`: a version that the platform signed came into force or was taken back; `other`: nobody
 * is known to have done it.
 */
export const WireFlowsDeployed = z.strictObject({
  cause: z.enum(['editor', 'platform', 'other']),
  user: LoginName.optional(),
  /**
   * Keyed hashes of all flows before and after: the same for the same flows of one box. Without `before`
   * nothing was on record. The author of the flows could choose plain hashes, and so send 256 bits with each.
   */
  before: z.uuid().optional(),
  after: z.uuid(),
});
export type WireFlowsDeployed = z.infer<typeof WireFlowsDeployed>;

/** `gatehouse.device-comms.v1`: a device stopped or resumed answering. */
export const WireComms = z.strictObject({
  device: Id,
  comms: z.enum(['ok', 'lost']),
  reason: CommsReason.optional(),
});
export type WireComms = z.infer<typeof WireComms>;

/** One value of a reading; without `value` it is broken. */
export const WireReadingValue = z.strictObject({
  id: Id,
  value: z.number().optional(),
  unit: Unit,
  state: z.enum(['normal', 'alarm', 'broken']),
});
export type WireReadingValue = z.infer<typeof WireReadingValue>;

/** `gatehouse.sensor-reading.v1`: the reading of a sensor. */
export const WireReading = z.strictObject({
  device: Id,
  cause: z.enum(['period', 'limit']),
  values: z.array(WireReadingValue).min(1).max(16),
});
export type WireReading = z.infer<typeof WireReading>;

/** Why an event's content stayed on the box. */
export const WithheldReason = z.enum([
  'schema',
  'too-large',
  'unknown-type',
  'envelope',
  /** Not refused by the box: a webhook answered 400, 413 or 422 to this event alone. */
  'refused-by-platform',
]);
export type WithheldReason = z.infer<typeof WithheldReason>;

/**
 * `gatehouse.withheld.v1`: takes the place (id and sequence) of an event that the allow-list refused. So the
 * platform sees that something is missing, and the events behind it still flow.
 */
export const WireWithheld = z.strictObject({
  reason: WithheldReason,
  /** The refused event's type where it is one of the published ones. */
  type: z.enum(Object.values(eventTypes)).optional(),
});
export type WireWithheld = z.infer<typeof WireWithheld>;

/**
 * The reason why events will never come. `quota` and `reserve` made room on the box. `store-recovered` is
 * about events that a damaged file no longer gave. `store-went-back` is about a store that was put back to an
 * earlier state, or copied: the events that it had not sent by then.
 */
export const GapReason = z.enum(['quota', 'store-recovered', 'reserve', 'store-went-back']);
export type GapReason = z.infer<typeof GapReason>;

const Sequence = z.int().min(1);

/**
 * `gatehouse.gap.v1`: events that the box had and will not send. For `quota` and `reserve` it stands in the
 * dropped class, under the last dropped number, and names the range it ends. An event that was on its way
 * when it was dropped may arrive all the same and stays valid. Events at or below the event's `settled` were
 * acknowledged and are not missing. For `store-recovered` it stands first in a new epoch and names the old
 * one; then it says only the known facts. For `store-went-back` it names the epoch that has ended, and in
 * `lastSequence` the last of its numbers that the box knows. The platform may have events of that epoch
 * beyond it; the box knows nothing of them.
 */
export const WireGap = z.strictObject({
  class: EventClass,
  reason: GapReason,
  /** The store epoch of the numbers, where it is not the event's own. */
  lostEpoch: Epoch.optional(),
  firstSequence: Sequence.optional().describe(
    'First number of the range. The loss begins at the greater of this and "settled" + 1: what is at or below "settled" was acknowledged after it was dropped.',
  ),
  lastSequence: Sequence.optional().describe(
    'Last number of the range: the one that this event stands under.',
  ),
  /**
   * The number of events, and their bytes of JSON, where that is known: not after a part of an earlier gap
   * was acknowledged.
   */
  count: z.int().min(0).optional(),
  bytes: z.int().min(0).optional(),
  /** Times of the first and the last of them. */
  from: WireInstant.optional(),
  to: WireInstant.optional(),
});
export type WireGap = z.infer<typeof WireGap>;

/**
 * `gatehouse.clock-step.v1`: the box's wall clock jumped against its monotonic one, so instants on both sides
 * of it do not compare. `monotonicMs` is the other clock: it counts since the runtime started and never
 * jumps.
 */
export const WireClockStep = z.strictObject({
  /** Milliseconds that were added to the wall clock; negative: it was set back. */
  stepMs: z.int(),
  /** The clock's time without the step, and its time with it. */
  before: WireInstant,
  after: WireInstant,
  monotonicMs: z.number().min(0),
  /**
   * True if NTP kept the clock when the step was seen; absent where the box cannot tell. A step without it
   * was made by somebody else.
   */
  synchronised: z.boolean().optional(),
});
export type WireClockStep = z.infer<typeof WireClockStep>;
