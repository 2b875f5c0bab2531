import { expectedBytes } from './reply-match.ts';
import type { BusRequest } from './request.ts';

/**
 * Whether a line gives back what is sent on it. An RS-485 adapter that does not switch its receiver off hears
 * itself; a reply then stands behind a copy of the request.
 */
export type LocalEcho = 'unknown' | 'none' | 'heard';

/**
 * A line without bias resistors floats while nobody drives it: each time it is let go or taken, up to this
 * many 0x00 or 0xFF are read that nobody sent.
 */
export const maxLineNoise = 3;

/** Judges the bytes that came since a request. */
export type ReplyReading =
  /** Nothing of a board; `echoed`: all that was sent has come back. */
  | { readonly is: 'silence'; readonly echoed: boolean }
  /** May become a reply by what follows. */
  | { readonly is: 'part' }
  /**
   * A reply by its length, and nothing behind it but line noise. Its CRC and its content are not checked
   * here.
   */
  | { readonly is: 'whole'; readonly reply: Buffer; readonly echoed: boolean; readonly noise: boolean }
  /** Cannot be this request's reply any more. */
  | { readonly is: 'spoiled'; readonly why: string };

const part: ReplyReading = { is: 'part' };

/**
 * Reads all bytes since a request. RTU has no transaction number, so nothing is searched for a frame: noise
 * is passed over in three places only (first, behind the echo, behind the reply), and everything else must
 * fit byte by byte.
 *
 * While it is not known whether the line echoes, what is equal to the request is never taken for its reply,
 * although the replies to most writes are: it might be the echo alone.
 */
export function readReply(request: BusRequest, sent: Buffer, raw: Buffer, echo: LocalEcho): ReplyReading {
  const bytes = withoutNoise(raw);
  if (echo === 'none') return replyIn(request, bytes, { echoed: false, noise: bytes.length < raw.length });
  const shared = sharedBytes(bytes, sent);
  if (shared === sent.length) {
    const behind = bytes.subarray(sent.length);
    const reply = withoutNoise(behind);
    const noise = bytes.length < raw.length || reply.length < behind.length;
    return replyIn(request, reply, { echoed: true, noise });
  }
  if (bytes.length === 0) return { is: 'silence', echoed: false };
  if (shared === bytes.length) return part;
  if (echo === 'heard') return { is: 'spoiled', why: 'what came back first is not what was sent' };
  return replyIn(request, bytes, { echoed: false, noise: bytes.length < raw.length });
}

/**
 * True for what may be read while the request is still on its way: line noise, and its echo where there may
 * be one.
 */
export function mayComeEarly(sent: Buffer, raw: Buffer, echo: LocalEcho): boolean {
  const bytes = withoutNoise(raw);
  if (bytes.length === 0) return true;
  if (echo === 'none') return false;
  const shared = sharedBytes(bytes, sent);
  return (
    shared === bytes.length || (shared === sent.length && withoutNoise(bytes.subarray(shared)).length === 0)
  );
}

/** True where all that was sent has come back first. */
export function cameBack(sent: Buffer, raw: Buffer): boolean {
  return sharedBytes(withoutNoise(raw), sent) === sent.length;
}

function replyIn(
  request: BusRequest,
  bytes: Buffer,
  { echoed, noise }: { readonly echoed: boolean; readonly noise: boolean },
): ReplyReading {
  if (bytes.length === 0) return { is: 'silence', echoed };
  const wanted = expectedBytes(request, bytes);
  if (bytes.length < 2 || bytes.length < wanted) return part;
  const behind = bytes.subarray(wanted);
  if (withoutNoise(behind).length > 0) return { is: 'spoiled', why: 'bytes came behind the reply' };
  return { is: 'whole', reply: bytes.subarray(0, wanted), echoed, noise: noise || behind.length > 0 };
}

/** 0x00 is the broadcast address and 0xFF is reserved: neither can start a request or a reply. */
function withoutNoise(bytes: Buffer): Buffer {
  let skipped = 0;
  while (skipped < maxLineNoise && (bytes[skipped] === 0 || bytes[skipped] === 0xff)) skipped++;
  return bytes.subarray(skipped);
}

/** How many bytes two frames have in common at their beginning. */
function sharedBytes(one: Buffer, other: Buffer): number {
  const shorter = Math.min(one.length, other.length);
  let shared = 0;
  while (shared < shorter && one[shared] === other[shared]) shared++;
  return shared;
}
