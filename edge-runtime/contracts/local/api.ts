import { z } from 'zod';
import { DeviceAction, DeviceCommand, InputKind } from '../device.ts';
import { EventClass, Id, plainText } from '../primitives.ts';
import { WithheldReason } from '../wire/data.ts';
import { WireDigest } from '../wire/digest.ts';
import type { WireEvent } from '../wire/event.ts';
import { HealthFault, maxFaults } from './health.ts';

/**
 * Routes of the local APIs (HTTP on Unix sockets, one a caller). Errors are `{error: {code, message, remedy}}`.
 * Each caller may have 24 streams open (TOO_MANY_STREAMS). HEAD (METHOD_REFUSED) and paths with dot segments
 * (PATH_REFUSED) are refused everywhere.
 *
 * vision -> runtime   GET /health                       ServiceHealth
 *                     GET /cameras                      CameraStatus[]
 *                     GET /events                       SSE: `track-frame` TrackFrame | `camera` CameraStatus
 *                     GET /cameras/:id/still?atMs=N     image/jpeg, full picture nearest to the frame time (newest without atMs)
 *                     GET /cameras/:id/clip?from=N&to=M video/mp4 (fragmented, as the camera encoded it) of what the ring holds between two
 *                                                       frame times, from the keyframe before `from` on, 120 s at most; headers x-from-ms, x-to-ms
 *                     POST /cameras/:id/decision-near?forMs=N   204; everything is decoded for so long: a rule is about to decide
 *                     POST /cameras/:id/retake-baseline 204; a person says that the camera's view is as it shall be
 *                     GET /cameras/:id/stream           video/mp2t from the last keyframe on, live until closed; with ?as=mpeg1 transcoded
 *                                                       to MPEG-1 (at most 960 wide, 25 pictures a second)
 *                     POST /redactions?maxPeople=N      image/jpeg -> image/jpeg without faces, header x-redacted: RedactedFacts; an error and no
 *                                                       picture if anything fails (REDACTION_*, MODEL_*, STILL_UNREADABLE)
 * drivers -> runtime, cli
 *                     GET /health                       ServiceHealth
 *                     GET /devices                      DeviceState[]
 *                     GET /inputs                       InputState[]
 *                     GET /sensors                      SensorState[]
 *                     GET /fire                         FireState
 *                     GET /events                       SSE: `device` DeviceState, `input` InputState, `sensor` SensorState, `fire` FireState
 *                                                       (all once at first, then changes)
 *                     POST /fire/reset                  FireReset -> FireState; NOT_PERMITTED, FIRE_STILL_ACTIVE, FIRE_INPUT_UNKNOWN
 *                     GET /audit?after=N&limit=M        AuditEntry[] in sequence order
 *                     GET /audit/verification?given=N:HASH&acknowledged=N:HASH   AuditVerification; heads that the chain must hold
 *                     POST /audit/acknowledged          WireAuditHead -> 204; the platform has it
 *                     GET /cards                        EnrolledCard[]; on the command line's socket only, as the next two are
 *                     POST /cards/enrolments            CardEnrolment -> EnrolledCard, once a card was held before the reader (30 s)
 *                     POST /cards/revocations           CardRevocation -> {ended}
 *                     POST /commands                    DeviceCommand -> CommandOutcome (ended, or still executing after 5 s)
 *                     GET /commands/:commandId          CommandOutcome
 *                     POST /platform-messages           PlatformMessage -> PlatformAnswer (empty while the command still runs after 5 s);
 *                                                       the only way to command as `upstream`
 *                     GET /outbox?after=N&limit=M       DeviceEvent[] in sequence order
 *                     POST /outbox/ack                  {upTo} -> 204
 * runtime -> sync     GET /outbox?class=C&after=N&limit=M   application/x-ndjson: OutboxHead, then a WireEvent a line, in sequence order
 *                     POST /outbox/ack                  OutboxAck -> OutboxAckAnswer; ACK_NOT_OURS, FORKS_LIMITED
 *                     POST /outbox/doubt                OutboxDoubt -> OutboxAckAnswer; FORKS_LIMITED
 *                     POST /outbox/refuse               OutboxRefusal -> 204 (idempotent; the row stays until it is acknowledged)
 *                     GET /outbox/ready                 SSE: `ready` {class, last} whenever something new waits
 *                     PUT /uplink                       UplinkStatus -> 204
 *                     GET /media/next                   MediaJob, the oldest redacted picture that waits, or 204
 *                     GET /media/:id/content            image/jpeg; the record of the transfer is on the disk before the first byte
 *                     POST /media/:id/result            MediaResult -> 204; the event about it is written with it. Idempotent
 *                     POST /platform-messages           PlatformMessage -> PlatformAnswer; handed on to the drivers as it is, never kept
 *                     PUT /desired                      DesiredMessage (1 MiB at most) -> DesiredAnswer; verified here, durable when answered.
 *                                                       MESSAGES_LIMITED, DESIRED_NOT_KEPT: hand it over again
 * flows -> runtime    GET /gatehouse/state                the feed's place, for people
 *                     GET /gatehouse/flows                FlowsStanding
 *                     PUT /gatehouse/flows                FlowsDeployment -> FlowsStanding; what was there is kept, with its credentials.
 *                                                       LOCALLY_EDITED, FLOW_TYPE_UNKNOWN, FLOWS_NOT_DEPLOYED, FLOWS_NOT_READ
 *                     POST /gatehouse/flows/undo          {version} -> 204; back to what that deployment replaced, unless somebody changed it
 *                     POST /gatehouse/flows/release       {version} -> 204; what that deployment replaced is kept no longer
 * flows -> editor     Below /flows Node-RED's editor, each call with a console's token, and nothing else.
 * runtime -> flows    GET /incidents/stream             SSE: `resume-point` {sequence}, then `incident` IncidentChange; resumes after Last-Event-ID.
 *                                                       Beside them `prompt` Prompt and `sensor` SensorState, live only: they have no id and are never sent again
 *                     GET /site                         SiteView
 *                     GET /devices                      DeviceState[]
 *                     GET /inputs                       InputState[]
 *                     GET /sensors                      SensorState[]
 *                     GET /fire                         FireState
 *                     POST /devices/:id/requests        DeviceRequest -> CommandOutcome
 *                     POST /editor-sessions/verify      {token} -> {user, role} | 401
 *                     PUT /flows                        ServiceHealth -> 204
 * runtime -> cli      GET /health, /incidents, /events?since=, /cameras, /devices, /inputs, /sensors, /fire
 *                     GET /audit/verification?given=N:HASH   AuditVerification, of the drivers' chain
 *                     GET /db/verification              StoreVerification, of a copy of events.db
 *                     GET /backup                       application/vnd.sqlite3: a copy of events.db
 *                     GET /tracks?camera=C&fromMs=N&toMs=M      application/x-ndjson: the stored TrackFrames, oldest first
 */
/** What stands before the rows of a pull: whose they are, and the newest sequence of the class that exists. */
export const OutboxHead = z.strictObject({
  epoch: z.string(),
  eventclass: EventClass,
  last: z.int().min(0),
  /** The first number of this epoch, where that is not 1. */
  begins: z.int().min(2).optional(),
});
export type OutboxHead = z.infer<typeof OutboxHead>;

/** Rows of one class after a sequence, as they are stored: the JSON text of an event each. */
export interface OutboxPage extends OutboxHead {
  readonly bodies: readonly string[];
}

/** The same, read. */
export interface OutboxBatch extends OutboxHead {
  readonly events: readonly WireEvent[];
}

/**
 * What the platform says of one number of an epoch: that it holds the event of this digest under it, or that it refused the event of this
 * digest because it holds another. The store, which has the events, finds out whether that can be.
 */
export const OutboxClaim = z.strictObject({
  as: z.enum(['held', 'refused']),
  sequence: z.int().min(1),
  digest: WireDigest.optional(),
});
export type OutboxClaim = z.infer<typeof OutboxClaim>;

/** `upTo` is never beyond what sync-agent has sent; the claim is what the platform said. */
export const OutboxAck = z.strictObject({
  epoch: z.string(),
  eventclass: EventClass,
  upTo: z.int().min(0),
  claim: OutboxClaim.optional(),
});
export type OutboxAck = z.infer<typeof OutboxAck>;

/** What the platform says of one number where nothing is acknowledged by it. */
export const OutboxDoubt = OutboxAck.omit({ upTo: true }).required({ claim: true });
export type OutboxDoubt = z.infer<typeof OutboxDoubt>;

/**
 * What an acknowledgement led to. `forked`: the platform has another history of this epoch than the store, so the store has begun a new
 * epoch and nothing was deleted. `foreign`: what the platform says is about an event that was never this store's.
 */
export const OutboxAckAnswer = z.strictObject({
  outcome: z.enum(['known', 'advanced', 'inherited', 'forked', 'foreign']),
});
export type OutboxAckAnswer = z.infer<typeof OutboxAckAnswer>;

/**
 * What the egress allow-list refused, for the runtime to record where people look. A `withheld` event goes upstream in
 * the row's place, and its acknowledgement then covers the row like any other.
 */
export const OutboxRefusal = z.strictObject({
  epoch: z.string(),
  eventclass: EventClass,
  sequence: z.int().min(1),
  reason: WithheldReason,
  /** Which field, for people; never its value. */
  detail: z.string().max(200),
});
export type OutboxRefusal = z.infer<typeof OutboxRefusal>;

/** What a full check of events.db found. */
export const StoreVerification = z.strictObject({
  intact: z.boolean(),
  /** One line a fault. */
  problems: z.array(z.string()).max(40),
  bytes: z.int().min(0),
});
export type StoreVerification = z.infer<typeof StoreVerification>;

/** The connection that brings the platform's commands: one of its own, so it can be down while events go up. */
export const CommandLinkStatus = z.strictObject({
  state: z.enum(['connected', 'connecting', 'down']),
  /** Since when; attempts that fail meanwhile do not change it. */
  since: z.iso.datetime({ offset: true }),
  /** Why it is down, beginning with the error's code. */
  detail: z.string().max(300).optional(),
});
export type CommandLinkStatus = z.infer<typeof CommandLinkStatus>;

export const UplinkStatus = z.strictObject({
  state: z.enum(['connected', 'connecting', 'down', 'off']),
  /** One line of all that follows, faults first. */
  detail: z.string().max(300).optional(),
  /** What keeps events or pictures from the platform. */
  faults: z.array(HealthFault).max(maxFaults).optional(),
  /** What is worth knowing and no fault yet, e.g. a certificate that ends soon. */
  notes: z.array(z.string().max(300)).max(8).optional(),
  /** Protocol version in use: 5 or 4 (3.1.1). */
  protocol: z.union([z.literal(4), z.literal(5)]).optional(),
  lastAckAt: z.iso.datetime({ offset: true }).optional(),
  /** Absent where the site file names no key for commands. */
  commands: CommandLinkStatus.optional(),
});
export type UplinkStatus = z.infer<typeof UplinkStatus>;

/**
 * A flow's or a guard's wish; the runtime adds commandId, expiry and origin. What it says of itself is a claim, for the box's own journal.
 */
export const DeviceRequest = z.strictObject({
  action: DeviceAction,
  /** Seconds of a `hold-open`. */
  holdS: DeviceCommand.shape.holdS,
  /** Recognises a repeat of the same wish; the command's own id is made of it, and is another. */
  commandId: z.uuid().optional(),
  reason: plainText(0, 200).optional(),
  /** Name of the flow node that asks. */
  user: plainText(1, 60).optional(),
});
export type DeviceRequest = z.infer<typeof DeviceRequest>;

export const Role = z.enum(['guard', 'supervisor', 'installer', 'administrator']);
export type Role = z.infer<typeof Role>;

/** What pickers may list. */
export const SiteView = z.strictObject({
  id: Id,
  name: z.record(z.string(), z.string()),
  cameras: z.array(
    z.strictObject({
      id: Id,
      name: z.record(z.string(), z.string()),
      zones: z.array(
        z.strictObject({
          id: Id,
          name: z.record(z.string(), z.string()),
          polygon: z.array(z.tuple([z.number(), z.number()])),
        }),
      ),
    }),
  ),
  devices: z.array(
    z.strictObject({
      id: Id,
      kind: z.string(),
      name: z.record(z.string(), z.string()),
      actions: z.array(DeviceAction),
    }),
  ),
  /** Dry contacts of their own, and interlocks: incidents name them in `device`, too. */
  inputs: z.array(z.strictObject({ id: Id, kind: InputKind, name: z.record(z.string(), z.string()) })),
  /** Sensors and card readers, which incidents name in `device`, too. */
  sensors: z.array(z.strictObject({ id: Id, name: z.record(z.string(), z.string()) })),
  readers: z.array(z.strictObject({ id: Id, name: z.record(z.string(), z.string()) })),
  interlocks: z.array(
    z.strictObject({
      id: Id,
      name: z.record(z.string(), z.string()),
      /** Of these devices one at most may be open. */
      doors: z.array(Id),
    }),
  ),
});
export type SiteView = z.infer<typeof SiteView>;
