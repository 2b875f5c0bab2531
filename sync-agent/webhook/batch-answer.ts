import { GatehouseError } from '@gatehouse/kit';
import { WebhookAnswer } from './answer.ts';
import type { HttpAnswer } from './request.ts';

/** The platform may ask for a pause; beyond this it is asked again all the same. */
export const maxRetryAfterMs = 3_600_000;

/** What an answer means for the batch. */
export type BatchAnswer =
  | { readonly kind: 'acknowledged'; readonly acks: WebhookAnswer['acks'] }
  /** Something in the batch will never be taken: find it by halving. */
  | { readonly kind: 'content-refused'; readonly status: number }
  /** Nothing was taken and nothing is wrong with the events: later. */
  | { readonly kind: 'later'; readonly reason: GatehouseError; readonly waitMs: number };

const contentStatuses = new Set([400, 413, 422]);

/**
 * Only a 2xx that carries acknowledgements counts: a login page, a captive portal or a proxy answers 200 as well, and
 * has stored nothing. Every other 4xx is about address or rights, not about the events, and is tried again later.
 */
export function judgeAnswer(url: string, answer: HttpAnswer, nowEpochMs: number): BatchAnswer {
  const { status } = answer;
  if (contentStatuses.has(status)) return { kind: 'content-refused', status };
  const acks = status >= 200 && status < 300 ? acksOf(answer.body) : undefined;
  if (acks) return { kind: 'acknowledged', acks };
  const waitMs = retryAfterMs(answer.retryAfter, nowEpochMs);
  const later = (code: string, fault: 'peer' | 'input', message: string, remedy: string): BatchAnswer => ({
    kind: 'later',
    reason: new GatehouseError(code, fault, message, remedy),
    waitMs,
  });
  if (status >= 200 && status < 300)
    return later(
      'WEBHOOK_NO_ACKNOWLEDGEMENT',
      'peer',
      `${url} answered ${status} without saying what it has stored.`,
      'It must answer {"acks":[{"boxid","epoch","eventclass","upTo"}]} after its commit.',
    );
  if (status >= 300 && status < 400)
    return later(
      'WEBHOOK_REDIRECT',
      'input',
      `${url} redirects (${status}), which is not followed.`,
      'Put the final address into "uplink.url".',
    );
  if (status === 401 || status === 403)
    return later(
      'WEBHOOK_LOGIN_REFUSED',
      'input',
      `${url} refuses this box (${status}).`,
      'Check "token", "signingSecret" and "tls" below "uplink", and the date of this box.',
    );
  if (status === 429 || status >= 500)
    return later(
      'WEBHOOK_BUSY',
      'peer',
      `${url} answered ${status}.`,
      "See the platform's log; it is tried again.",
    );
  return later(
    'WEBHOOK_REFUSED',
    'input',
    `${url} answered ${status}.`,
    'Check "uplink.url" and the platform.',
  );
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
