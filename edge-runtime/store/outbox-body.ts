import { digestOf, type EventClass, type WireEvent, wireId, wireSource } from '@gatehouse/contracts';

/** The content of an event; box, epoch and number come with its place. */
export interface OutboxContent {
  readonly type: WireEvent['type'];
  readonly time: string;
  readonly subject?: string;
  readonly data: WireEvent['data'];
}

/** The place of an event, and the digests that distinguish it from another at this place. */
export interface OutboxPlace {
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: EventClass;
  readonly sequence: number;
  /** Digest of the event before it; '' if there is none or it is unknown. */
  readonly previous: string;
  /** Digest of the event whose place it takes; of its own content if absent. */
  readonly digest?: string | undefined;
}

/** An event as it is stored and sent. */
export function outboxEvent({ type, time, subject, data }: OutboxContent, place: OutboxPlace): WireEvent {
  const { box, epoch, eventclass, sequence, previous } = place;
  const digest = place.digest ?? digestOf({ type, time, subject, data });
  return {
    specversion: '1.0',
    id: wireId(box, epoch, eventclass, sequence),
    source: wireSource(box),
    type,
    time,
    ...(subject ? { subject } : {}),
    datacontenttype: 'application/json',
    boxid: box,
    epoch,
    eventclass,
    sequence,
    ...(digest ? { digest } : {}),
    ...(previous ? { previous } : {}),
    data,
  };
}

/**
 * The body of an earlier epoch's event, as this epoch sends it: the same number and content under another id.
 */
export function inEpoch(body: string, box: string, epoch: string): string {
  const event = JSON.parse(body) as WireEvent;
  if (event.epoch === epoch) return body;
  const { eventclass, sequence, id } = event;
  return JSON.stringify({
    ...event,
    id: wireId(box, epoch, eventclass, sequence),
    epoch,
    formerid: id,
  });
}
