import { z } from 'zod';
import { EventClass, Id, Instant } from './primitives.ts';
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
} from './wire-data.ts';
import { WireDesiredState } from './wire-desired.ts';
import { WireMedia } from './wire-media.ts';

export const eventTypes = {
  incident: 'gatehouse.incident.v1',
  command: 'gatehouse.device-command.v1',
  commandRefused: 'gatehouse.command-refused.v1',
  auditHead: 'gatehouse.audit-head.v1',
  flowsDeployed: 'gatehouse.flows-deployed.v1',
  comms: 'gatehouse.device-comms.v1',
  reading: 'gatehouse.sensor-reading.v1',
  media: 'gatehouse.media.v1',
  gap: 'gatehouse.gap.v1',
  clockStep: 'gatehouse.clock-step.v1',
  desiredState: 'gatehouse.desired-state.v1',
  /** Written by sync-agent alone, in place of an event that the egress allow-list refused. */
  withheld: 'gatehouse.withheld.v1',
} as const;
export type EventType = (typeof eventTypes)[keyof typeof eventTypes];

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

/** What an event of a known type says: its type, and its `data` as the schema reads it. */
export type WireFacts = {
  readonly [T in EventType]: { readonly type: T; readonly data: z.infer<(typeof wireData)[T]> };
}[EventType];

export function isEventType(name: unknown): name is EventType {
  return typeof name === 'string' && Object.hasOwn(wireData, name);
}

/** An event with 20 gates is under 4 KiB of JSON; what is over this bound is not one of ours. */
export const maxWireEventBytes = 8 * 1024;

const sourcePrefix = 'urn:gatehouse:box:';

/**
 * A CloudEvents 1.0 event in structured JSON. `id` = box + epoch + class + sequence, so that the platform drops
 * repeats on `source` + `id`. `epoch` is minted when a store is created or restored. Facts only: no field can hold an image.
 */
export const WireEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().startsWith(sourcePrefix),
  type: z.enum(Object.values(eventTypes)),
  time: Instant,
  subject: z.string().max(120).optional(),
  datacontenttype: z.literal('application/json'),
  boxid: Id,
  epoch: z.string().min(8).max(40),
  eventclass: EventClass,
  sequence: z.int().min(1),
  /** Set by sync-agent on what waited for longer than the live limit. */
  historical: z.boolean().optional(),
  /**
   * Set by sync-agent: no event of this class up to here will be sent again, because it has been acknowledged.
   * A receiver that does not hold them all (a restored database) records the gap and goes on from here.
   */
  settled: z.int().min(0).optional(),
  data: z.record(z.string(), z.unknown()),
});
export type WireEvent = z.infer<typeof WireEvent>;

/** The platform's application-level acknowledgement: everything of the class up to and including `upTo` is in its database. */
export const WireAck = z.strictObject({
  boxid: Id,
  epoch: z.string(),
  eventclass: EventClass,
  upTo: z.int().min(0),
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
