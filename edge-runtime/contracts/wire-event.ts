import { z } from 'zod';
import { Id, Instant } from './primitives.ts';

/** Outbox classes; each has its own sequence and its own cumulative acknowledgement. Alarm and door are never dropped. */
export const EventClass = z.enum(['alarm', 'door', 'health']);
export type EventClass = z.infer<typeof EventClass>;

export const eventTypes = {
  incident: 'gatehouse.incident.v1',
  command: 'gatehouse.device-command.v1',
  comms: 'gatehouse.device-comms.v1',
} as const;

/**
 * A CloudEvents 1.0 event in structured JSON. `id` = box + epoch + class + sequence, so that the platform drops
 * repeats on `source` + `id`. `epoch` is minted when a store is created or restored. Facts only: no field can hold an image.
 */
export const WireEvent = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.string().min(1).max(200),
  source: z.string().startsWith('urn:gatehouse:box:'),
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
};

/** `<box>/<epoch>/<class>/<sequence>` */
export function wireId(box: string, epoch: string, eventClass: EventClass, sequence: number): string {
  return `${box}/${epoch}/${eventClass}/${sequence}`;
}
