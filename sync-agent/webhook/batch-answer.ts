import { errorOf, type GatehouseError } from '@gatehouse/kit';
import { WebhookAnswer } from './answer.ts';
import type { HttpAnswer } from './request.ts';

/** The platform may ask for a pause; beyond this it is asked again all the same. */
export const maxRetryAfterMs = 3_600_000;

/** The meaning of an answer for the batch. */
export type BatchAnswer =
  | { readonly kind: 'acknowledged'; readonly acks: WebhookAnswer['acks'] }
  /** Something in the batch will never be taken: find it by halving. */
  | { readonly kind: 'content-refused'; readonly status: number }
  /** Nothing was taken and nothing is wrong with the events: later. */
  | { readonly kind: 'later'; readonly reason: GatehouseError; readonly waitMs: number };

/** The platform's answer once it has stored a batch. */
const acknowledgement = '{"acks":[{"boxid","epoch","eventclass","upTo"}]}';
const contentStatuses = new Set([400, 413, 422]);

/**
 * Only a 2xx that carries acknowledgements counts: a login page, a captive portal or a proxy answers 200 as
 * well, and has stored nothing. Every other 4xx is about address or rights, not about the events, and is
 * tried again later.
 */
export function judgeAnswer(url: string, answer: HttpAnswer, nowEpochMs: number): BatchAnswer {
  const { status } = answer;
  if (contentStatuses.has(status)) return { kind: 'content-refused', status };
  const acks = status >= 200 && status < 300 ? acksOf(answer.body) : undefined;
  if (acks) return { kind: 'acknowledged', acks };
  const waitMs = retryAfterMs(answer.retryAfter, nowEpochMs);
  const later = (reason: GatehouseError): BatchAnswer => ({ kind: 'later', reason, waitMs });
  if (status >= 200 && status < 300)
    return later(errorOf('WEBHOOK_NO_ACKNOWLEDGEMENT', { url, status, form: acknowledgement }));
  if (status >= 300 && status < 400) return later(errorOf('WEBHOOK_REDIRECT', { url, status }));
  if (status === 401 || status === 403) return later(errorOf('WEBHOOK_LOGIN_REFUSED', { url, status }));
  if (status === 429 || status >= 500) return later(errorOf('WEBHOOK_BUSY', { url, status }));
  return later(errorOf('WEBHOOK_REFUSED', { url, status }));
}

function acksOf(body: Buffer): WebhookAnswer['acks'] | undefined {
  try {
    const parsed = WebhookAnswer.safeParse(JSON.parse(body.toString('utf8')));
    return parsed.success && parsed.data.acks.length > 0 ? parsed.data.acks : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** RFC 9110, 10.2.3: seconds or an HTTP date. 0 if absent or neither; at most an hour. */
export function retryAfterMs(header: string | undefined, nowEpochMs: number): number {
  if (header === undefined) return 0;
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowEpochMs;
  return Number.isNaN(ms) ? 0 : Math.min(maxRetryAfterMs, Math.max(0, ms));
}
