import { z } from 'zod';
import { Epoch, EventClass, Id, WireInstant } from '../primitives.ts';
import {
  WireAuditHead,
  WireClockStep,
  WireCommand,
  WireCommandRefused,
  WireComms,
  WireFlowsDeployed,
  WireGap,
  WireIncident,
  WireReading,
  WireWithheld,
} from './data.ts';
import { WireDesiredState } from './desired.ts';
import { WireDigest } from './digest.ts';
import { type EventType, eventTypes } from './event-types.ts';
import { WireMedia } from './media.ts';

/** The allow-list of `data`, an event type each. */
export const wireData = {
  [eventTypes.incident]: WireIncident,
  [eventTypes.command]: WireCommand,
  [eventTypes.commandRefused]: WireCommandRefused,
  [eventTypes.auditHead]: WireAuditHead,
  [eventTypes.flowsDeployed]: WireFlowsDeployed,
  [eventTypes.comms]: WireComms,
  [eventTypes.reading]: WireReading,
  [eventTypes.media]: WireMedia,
  [eventTypes.gap]: WireGap,
  [eventTypes.clockStep]: WireClockStep,
  [eventTypes.desiredState]: WireDesiredState,
  [eventTypes.withheld]: WireWithheld,
} as const satisfies Record<EventType, z.ZodType>;

/** The content of an event of a known type: its type, and its `data` as the schema reads it. */
export type WireFacts = {
  readonly [T in EventType]: { readonly type: T; readonly data: z.infer<(typeof wireData)[T]> };
}[EventType];

export function isEventType(name: unknown): name is EventType {
  return typeof name === 'string' && Object.hasOwn(wireData, name);
}

/** An event with 20 gates is under 4 KiB of JSON; a larger one than this bound is not one of ours. */
export const maxWireEventBytes = 8 * 1024;

const sourcePrefix = 'urn:gatehouse:box:';
const wireIdPattern =
  /^[a-z0-9][a-z0-9-]{0,62}\/[a-z0-9][a-z0-9-]{7,39}\/(alarm|door|health|telemetry)\/[1-9][0-9]{0,15}$/;

/**
 * A CloudEvents 1.0 event in structured JSON. `id` = box + epoch + class + sequence, so that the platform
 * drops repeats on `source` + `id`. `epoch` is minted when a store is created or restored. Facts only: no
 * field can hold an image.
 */
export const WireEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().regex(wireIdPattern),
  source: z.string().regex(/^urn:gatehouse:box:[a-z0-9][a-z0-9-]{0,62}$/),
  type: z.enum(Object.values(eventTypes)),
  time: WireInstant,
  /** The incident or device that it is about. */
  subject: Id.optional(),
  datacontenttype: z.literal('application/json'),
  boxid: Id,
  epoch: Epoch,
  eventclass: EventClass,
  sequence: z.int().min(1),
  /** Set by sync-agent on an event that waited for longer than the live limit. */
  historical: z.boolean().optional(),
  /**
   * Set by sync-agent: no event of this class up to here will be sent again, because it has been
   * acknowledged. A receiver that does not hold them all (a restored database) records the gap and goes on
   * from here.
   */
  settled: z.int().min(0).optional(),
  /**
   * The digest of its content when it was first written. An event that takes its place later (`withheld`,
   * `gap`) keeps it.
   */
  digest: WireDigest.optional(),
  /** The digest of the event before it in this stream; absent on the first. */
  previous: WireDigest.optional(),
  /**
   * Of an event whose epoch ended before it was acknowledged: the id under which the platform may have it
   * already.
   */
  formerid: z.string().regex(wireIdPattern).optional(),
  /**
   * Set by sync-agent: the number at which this epoch begins in this class, where that is not 1. There is
   * nothing below it.
   */
  begins: z.int().min(2).optional(),
  /** Set by sync-agent: another one after each start. Two that are heard side by side are two boxes. */
  incarnation: WireDigest.optional(),
  data: z.record(z.string(), z.unknown()),
});
export type WireEvent = z.infer<typeof WireEvent>;

/**
 * The platform's application-level acknowledgement: everything of the class up to and including `upTo` is in
 * its database.
 */
export const WireAck = z.strictObject({
  boxid: Id,
  epoch: z.string(),
  eventclass: EventClass,
  upTo: z.int().min(0),
  /**
   * The digest of event `upTo` as the platform has it. By it the box knows that it is its own event, and not
   * one of a copy.
   */
  digest: WireDigest.optional(),
  /**
   * The platform has another event under this number than the one of this digest, which it does not
   * acknowledge.
   */
  conflict: z.strictObject({ sequence: z.int().min(1), digest: WireDigest.optional() }).optional(),
  /** The platform hears another box under this id as well. */
  twin: z.literal(true).optional(),
});
export type WireAck = z.infer<typeof WireAck>;

/** MQTT topics below the uplink's prefix (default `gatehouse`). */
export const topics = {
  events: (prefix: string, box: string, eventClass: EventClass) => `${prefix}/${box}/events/${eventClass}`,
  allEvents: (prefix: string) => `${prefix}/+/events/+`,
  acks: (prefix: string, box: string) => `${prefix}/${box}/acks`,
  /** Signed commands to this box; never retained. */
  commands: (prefix: string, box: string) => `${prefix}/${box}/commands`,
  /** Signed configuration and flows for this box; retained, so that a box that was away gets the last one. */
  desired: (prefix: string, box: string) => `${prefix}/${box}/desired`,
};

/** `urn:gatehouse:box:<box>` (CloudEvents 1.0: `source` and `id` together name an event). */
export function wireSource(box: string): string {
  return `${sourcePrefix}${box}`;
}

/** `<box>/<epoch>/<class>/<sequence>` */
export function wireId(box: string, epoch: string, eventClass: EventClass, sequence: number): string {
  return `${box}/${epoch}/${eventClass}/${sequence}`;
}
