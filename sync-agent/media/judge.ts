import { errorOf, type GatehouseError } from '@gatehouse/kit';
import type { PeerAnswer } from '../https/https-peer.ts';
import { retryAfterMs } from '../webhook/batch-answer.ts';

/** A media server's answer about a picture. */
export type MediaAnswer =
  /** It holds the whole of it: its digest says so. */
  | { readonly kind: 'stored' }
  /** It has so many bytes from the start; `undefined`: it does not know of parts and wants it whole. */
  | { readonly kind: 'has'; readonly bytes: number | undefined }
  /** It took a part, or says that another part is wanted: ask where it stands. */
  | { readonly kind: 'ask' }
  /** It will not take this picture. */
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'later'; readonly reason: GatehouseError; readonly waitMs: number };

export interface Wanted {
  readonly url: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** The number of bytes of an unfinished picture that the server has. */
const offsetHeader = 'upload-offset';
const contentStatuses = new Set([400, 413, 415, 422]);
/** Another part is wanted than was sent. */
const positionStatuses = new Set([409, 416]);

/**
 * The answer to a HEAD. Only a 200 with the picture's own digest (RFC 9530, `Repr-Digest`) is a stored
 * picture: a login page or a proxy answers 200 as well. 404 with `Upload-Offset` says how much is there.
 */
export function judgeHead(answer: PeerAnswer, wanted: Wanted, nowEpochMs: number): MediaAnswer {
  const { status } = answer;
  if (status === 404) return { kind: 'has', bytes: offsetOf(answer, wanted.bytes) };
  if (status >= 200 && status < 300) {
    if (holds(answer, wanted)) return { kind: 'stored' };
    return later(errorOf('MEDIA_NO_DIGEST', { url: wanted.url, status }));
  }
  return judgeOther(answer, wanted, nowEpochMs);
}

/** The answer to a PUT. That the picture is stored is never believed from it: a HEAD asks. */
export function judgePut(answer: PeerAnswer, wanted: Wanted, nowEpochMs: number): MediaAnswer {
  const { status } = answer;
  if (positionStatuses.has(status)) return { kind: 'ask' };
  if (contentStatuses.has(status)) return { kind: 'refused', status };
  if (status < 200 || status >= 300) return judgeOther(answer, wanted, nowEpochMs);
  const bytes = offsetOf(answer, wanted.bytes);
  return bytes === undefined ? { kind: 'ask' } : { kind: 'has', bytes };
}

function holds({ headers }: PeerAnswer, { sha256 }: Wanted): boolean {
  const digest = Buffer.from(sha256, 'hex').toString('base64');
  return String(headers['repr-digest'] ?? '')
    .split(',')
    .some((one) => one.trim() === `sha-256=:${digest}:`);
}

function offsetOf({ headers }: PeerAnswer, most: number): number | undefined {
  const text = String(headers[offsetHeader] ?? '');
  if (!/^\d{1,9}$/.test(text)) return undefined;
  return Number(text) <= most ? Number(text) : undefined;
}

function judgeOther({ status, headers }: PeerAnswer, { url }: Wanted, nowEpochMs: number): MediaAnswer {
  const waitMs = retryAfterMs(headers['retry-after'], nowEpochMs);
  if (status >= 300 && status < 400) return later(errorOf('MEDIA_REDIRECT', { url, status }));
  if (status === 401 || status === 403) return later(errorOf('MEDIA_LOGIN_REFUSED', { url, status }));
  if (status === 408 || status === 429 || status >= 500)
    return later(errorOf('MEDIA_BUSY', { url, status }), waitMs);
  return later(errorOf('MEDIA_REFUSED', { url, status }));
}

function later(reason: GatehouseError, waitMs = 0): MediaAnswer {
  return { kind: 'later', reason, waitMs };
}
