import { isUtf8 } from 'node:buffer';
import {
  Instant,
  isEventType,
  topics,
  WireEvent,
  type WireFacts,
  wireData,
  wireId,
  wireSource,
} from '@gatehouse/contracts';
import { z } from 'zod';
import type { InboundMessage } from '../broker/link.ts';

/** Most bytes that the platform takes in one message; a box sends at most 8 KiB. */
export const maxMessageBytes = 64 * 1024;

/**
 * An event's envelope as the platform reads it: unknown types and extension attributes of newer boxes are
 * kept, and times of older ones.
 */
const Envelope = WireEvent.omit({ type: true })
  .extend({ time: Instant, subject: z.string().max(120).optional(), epoch: z.string().min(8).max(40) })
  .extend({ id: z.string().min(1).max(200) })
  .loose();

/**
 * Names in keys and columns: printable ASCII. PostgreSQL's text cannot hold a zero character, nor UTF-8 half
 * a surrogate pair.
 */
const plain = /^[\x20-\x7e]+$/;
/**
 * Levels of objects and lists in `data`; ours have five. Serialising thousands of levels ends in an overflow
 * of the stack.
 */
const maxNesting = 32;

/**
 * How far the receiver understood an event. All of them are stored and acknowledged, so that none blocks
 * those behind it.
 */
export type Understanding = 'known' | 'unknown-type' | 'invalid-data';

export interface ReceivedEvent {
  readonly source: string;
  readonly id: string;
  readonly box: string;
  readonly epoch: string;
  readonly eventclass: string;
  readonly sequence: number;
  readonly type: string;
  readonly time: string;
  readonly historical: boolean;
  /** No event of this stream up to here will be sent again; 0 if the box did not say. */
  readonly settled: number;
  /** The first number of this stream. */
  readonly begins: number;
  readonly digest: string | undefined;
  /** The digest of the event before it. */
  readonly previous: string | undefined;
  /** The id under which it was sent before. */
  readonly former: string | undefined;
  /** The start of the box that sent it. */
  readonly incarnation: string | undefined;
  readonly understanding: Understanding;
  /** `data` as its schema reads it; there if and only if `understanding` is `known`. */
  readonly facts: WireFacts | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

export type IntakeRefusal =
  | 'oversized'
  | 'retained'
  | 'not-utf8'
  | 'malformed'
  | 'wrong-topic'
  | 'wrong-identity';

export type Intake =
  | { readonly ok: true; readonly event: ReceivedEvent }
  | { readonly ok: false; readonly why: IntakeRefusal };

/**
 * Checks one message: the envelope, that topic and event name the same box and class (brokers grant rights by
 * topic), and that `source` and `id` are those of its sequence. Never throws.
 */
export function takeIn(message: InboundMessage, prefix: string): Intake {
  if (message.payload.length > maxMessageBytes) return { ok: false, why: 'oversized' };
  if (message.retained) return { ok: false, why: 'retained' };
  // RFC 8259, 8.1: JSON between systems is UTF-8. Decoded leniently, what is stored would not be what was
  // sent.
  if (!isUtf8(message.payload)) return { ok: false, why: 'not-utf8' };
  const parsed = Envelope.safeParse(parseJson(message.payload));
  if (!parsed.success) return { ok: false, why: 'malformed' };
  const { type, ...envelope } = parsed.data;
  if (typeof type !== 'string' || type.length > 80) return { ok: false, why: 'malformed' };
  if (!plain.test(type) || !plain.test(envelope.epoch) || nestsDeeper(envelope.data, maxNesting))
    return { ok: false, why: 'malformed' };
  const { boxid: box, epoch, eventclass, sequence, source, id, time, data } = envelope;
  if (message.topic !== topics.events(prefix, box, eventclass)) return { ok: false, why: 'wrong-topic' };
  if (source !== wireSource(box) || id !== wireId(box, epoch, eventclass, sequence))
    return { ok: false, why: 'wrong-identity' };
  return {
    ok: true,
    event: {
      source,
      id,
      box,
      epoch,
      eventclass,
      sequence,
      type,
      time,
      historical: envelope.historical ?? false,
      settled: Math.min(envelope.settled ?? 0, sequence - 1),
      begins: Math.min(envelope.begins ?? 1, sequence),
      digest: envelope.digest,
      previous: envelope.previous,
      former: envelope.formerid,
      incarnation: envelope.incarnation,
      ...understand(type, data),
      data,
    },
  };
}

/** The reading of `data`; every later step builds on this reading, so that nothing is checked twice. */
export function understand(
  type: string,
  data: Readonly<Record<string, unknown>>,
): Pick<ReceivedEvent, 'understanding' | 'facts'> {
  if (!isEventType(type)) return { understanding: 'unknown-type', facts: undefined };
  const reading = wireData[type].safeParse(data);
  return reading.success
    ? { understanding: 'known', facts: { type, data: reading.data } as WireFacts }
    : { understanding: 'invalid-data', facts: undefined };
}

function nestsDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => nestsDeeper(inner, levels - 1));
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
