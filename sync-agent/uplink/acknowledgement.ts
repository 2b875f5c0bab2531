import { WireAck } from '@gatehouse/contracts';
import type { InboundMessage } from '../broker/link.ts';

/** A WireAck is about 120 bytes; anything much longer is none. */
export const maxAckBytes = 1024;

export type AckRefusal =
  | 'wrong-topic'
  | 'retained'
  | 'oversized'
  | 'malformed'
  | 'other-box'
  | 'unknown-epoch'
  | 'never-existed';

export type AckReading =
  | { readonly ok: true; readonly ack: WireAck }
  | { readonly ok: false; readonly why: AckRefusal };

/**
 * Reads a message from the acknowledgement topic. What comes in is not trusted: a retained one may be of
 * another day, and whoever may publish there could have written it. Never throws.
 */
export function readAck(message: InboundMessage, topic: string, box: string): AckReading {
  if (message.topic !== topic) return { ok: false, why: 'wrong-topic' };
  if (message.retained) return { ok: false, why: 'retained' };
  if (message.payload.length > maxAckBytes) return { ok: false, why: 'oversized' };
  const parsed = WireAck.safeParse(parseJson(message.payload));
  if (!parsed.success) return { ok: false, why: 'malformed' };
  if (parsed.data.boxid !== box) return { ok: false, why: 'other-box' };
  return { ok: true, ack: parsed.data };
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
