import { eventTypes, readSecret, type WireEvent } from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  errorOf,
  GatehouseError,
  type HealthLine,
  healthLine,
  type Log,
  type Random,
  sleep,
  systemCode,
} from '@gatehouse/kit';
import { type ClientTls, certificateWarning } from '../tls/client-tls.ts';
import { tlsError } from '../tls/tls-error.ts';
import type { Sink, SinkLink, SinkParts, SinkUser } from '../uplink/sink.ts';
import { type BatchAnswer, judgeAnswer } from './batch-answer.ts';
import { BatchQueue } from './batch-queue.ts';
import { type HttpAnswer, WebhookRequests } from './request.ts';

export interface WebhookSinkOptions {
  readonly box: string;
  readonly url: string;
  readonly token?: string | undefined;
  /** HMAC key; `whsec_` and base64, or any text. */
  readonly signingSecret?: string | undefined;
  readonly tls?: (() => ClientTls) | undefined;
  readonly window: number;
  /** For one request, from its first byte to the answer's last. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * So many events of a class may be given up on in a row, and then one each ten minutes: a platform that
 * refuses all is ill.
 */
const refusals = { inRow: 3, pauseMs: 600_000 };
/** With the 10 s between two reports this is told within 30 s. */
const slowAfterMs = 20_000;

export function webhookSink({ uplink, siteFile, box, tls, clock, random, log }: SinkParts): Sink {
  return new WebhookSink({
    url: uplink.url,
    token: uplink.token && readSecret(uplink.token, siteFile),
    signingSecret: uplink.signingSecret && readSecret(uplink.signingSecret, siteFile),
    window: uplink.window,
    timeoutMs: uplink.ackTimeoutS * 1000,
    ...{ box, tls, clock, random, log },
  });
}

/**
 * A webhook: batches of CloudEvents by POST. Two requests at a time, one of alarms and one of the rest, so
 * that a slow backlog keeps no alarm waiting. Any failure ends the link; the dispatcher then sends again what
 * is not acknowledged.
 */
export class WebhookSink implements Sink {
  readonly #options: WebhookSinkOptions;
  readonly #requests: WebhookRequests;
  readonly #backoff: Backoff;
  /** A class's refusals in a row, and when the last was. */
  readonly #refused = new Map<string, { count: number; atMs: number }>();
  #told = '';

  constructor(options: WebhookSinkOptions) {
    this.#options = options;
    this.#requests = new WebhookRequests(options);
    this.#backoff = new Backoff({ firstMs: 250, capMs: 30_000, jitter: 'full' }, options.random);
  }

  async run(user: SinkUser, signal: AbortSignal): Promise<void> {
    const { clock, log, url } = this.#options;
    while (!signal.aborted) {
      const { reason, waitMs } = await this.#hold(user, signal);
      if (signal.aborted) break;
      user.onDown(reason);
      const pauseMs = Math.round(Math.max(waitMs, this.#backoff.nextMs()));
      if (reason.code !== this.#told) log.warn('webhook-down', { url, error: reason, waitMs: pauseMs });
      this.#told = reason.code;
      await sleep(clock, pauseMs, signal);
    }
    this.#requests.close();
  }

  /** A link until the first failure. */
  async #hold(user: SinkUser, signal: AbortSignal): Promise<{ reason: GatehouseError; waitMs: number }> {
    const ended = new AbortController();
    const over = AbortSignal.any([ended.signal, signal]);
    try {
      this.#requests.open();
    } catch (error) {
      return { reason: webhookError(this.#options.url, error), waitMs: 0 };
    }
    return new Promise((resolve) => {
      const fail = (reason: GatehouseError, waitMs: number) => {
        ended.abort();
        resolve({ reason, waitMs });
      };
      signal.addEventListener('abort', () => fail(stopped(), 0), { once: true, signal: ended.signal });
      const queues = { alarm: new BatchQueue(), rest: new BatchQueue() };
      const post = (queue: BatchQueue) => void this.#postNext(queue, user, over, fail, () => post(queue));
      const warning = () => this.#slow() ?? this.#certificates();
      user.onUp(new WebhookLink(queues, this.#options.window, post, warning));
    });
  }

  async #postNext(
    queue: BatchQueue,
    user: SinkUser,
    signal: AbortSignal,
    fail: (reason: GatehouseError, waitMs: number) => void,
    again: () => void,
  ): Promise<void> {
    const batch = queue.next();
    if (batch.length === 0 || signal.aborted) return;
    let answer: HttpAnswer;
    const asked = { sinceMs: this.#options.clock.monotonicMs() };
    this.#asked.add(asked);
    try {
      answer = await this.#requests.post(queue.body(), signal);
    } catch (error) {
      if (!signal.aborted) fail(webhookError(this.#options.url, error), 0);
      return;
    } finally {
      this.#asked.delete(asked);
    }
    // The link has ended under it: the batch goes out again on the next, whatever this answer said.
    if (signal.aborted) return;
    this.#peerEndsMs = answer.certEndsMs;
    const told = judgeAnswer(this.#options.url, answer, this.#options.clock.epochMs());
    if (told.kind === 'later') return fail(told.reason, told.waitMs);
    if (told.kind === 'acknowledged') this.#acknowledged(told.acks, batch, queue, user);
    else {
      const ill = this.#contentRefused(told, batch, queue, user);
      if (ill) return fail(ill, 0);
    }
    user.onConfirmed();
    again();
  }

  #peerEndsMs: number | undefined;
  /** Requests that wait for their answer. */
  readonly #asked = new Set<{ readonly sinceMs: number }>();

  /** A long "uplink.ackTimeoutS" must not keep people from hearing that the platform is silent. */
  #slow(): HealthLine | undefined {
    const { clock, url } = this.#options;
    const since = Math.min(...[...this.#asked].map(({ sinceMs }) => sinceMs));
    const waitedMs = clock.monotonicMs() - since;
    if (this.#asked.size === 0 || waitedMs < slowAfterMs) return undefined;
    return healthLine('WEBHOOK_SLOW', { url, seconds: Math.round(waitedMs / 1000) });
  }

  #acknowledged(
    acks: (BatchAnswer & { kind: 'acknowledged' })['acks'],
    batch: readonly WireEvent[],
    queue: BatchQueue,
    user: SinkUser,
  ): void {
    this.#backoff.reset();
    this.#told = '';
    for (const { type, eventclass } of batch)
      if (type !== eventTypes.withheld) this.#refused.delete(eventclass);
    queue.taken();
    for (const ack of acks)
      if (ack.boxid === this.#options.box) user.onAcknowledged(ack);
      else user.onAckRefused('other-box', 0);
  }

  /**
   * Halves the batch; one event that is refused alone is given up on, within bounds. Returns why the link
   * must end.
   */
  #contentRefused(
    { status }: BatchAnswer & { kind: 'content-refused' },
    batch: readonly WireEvent[],
    queue: BatchQueue,
    user: SinkUser,
  ): GatehouseError | undefined {
    const [event] = batch;
    if (batch.length > 1 || !event) {
      queue.halve();
      return undefined;
    }
    const nowMs = this.#options.clock.monotonicMs();
    const before = this.#refused.get(event.eventclass) ?? { count: 0, atMs: 0 };
    const tooMany = before.count >= refusals.inRow && nowMs - before.atMs < refusals.pauseMs;
    if (event.type === eventTypes.withheld || tooMany)
      return errorOf('WEBHOOK_REFUSES_ALL', { url: this.#options.url, status });
    this.#refused.set(event.eventclass, { count: before.count + 1, atMs: nowMs });
    queue.drop();
    user.onRejected(event, `the platform answered ${status}`);
    return undefined;
  }

  #certificates(): HealthLine | undefined {
    const nowMs = this.#options.clock.epochMs();
    return (
      certificateWarning("this box's certificate (uplink.tls.cert)", this.#requests.certEndsMs, nowMs) ??
      certificateWarning('the certificate of the platform', this.#peerEndsMs, nowMs)
    );
  }
}

class WebhookLink implements SinkLink {
  readonly receiveMaximum: number;
  readonly warning: () => HealthLine | undefined;
  readonly #queues: { readonly alarm: BatchQueue; readonly rest: BatchQueue };
  readonly #post: (queue: BatchQueue) => void;
  readonly #due = new Set<BatchQueue>();

  constructor(
    queues: { alarm: BatchQueue; rest: BatchQueue },
    window: number,
    post: (queue: BatchQueue) => void,
    warning: () => HealthLine | undefined,
  ) {
    this.#queues = queues;
    this.receiveMaximum = window;
    this.#post = post;
    this.warning = warning;
  }
  get unconfirmed(): number {
    return this.#queues.alarm.size + this.#queues.rest.size;
  }
  wireBytes(_class: string, payload: string): number {
    return Buffer.byteLength(payload) + 1;
  }
  send(event: WireEvent, payload: string): void {
    const queue = event.eventclass === 'alarm' ? this.#queues.alarm : this.#queues.rest;
    if (!queue.add(event, payload) || this.#due.has(queue)) return;
    this.#due.add(queue);
    // All that is sent in this turn shares the request.
    setImmediate(() => {
      this.#due.delete(queue);
      this.#post(queue);
    });
  }
}

function stopped(): GatehouseError {
  return errorOf('WEBHOOK_STOPPED');
}

function webhookError(url: string, cause: unknown): GatehouseError {
  const code = systemCode(cause);
  if (code === 'BODY_TOO_LARGE') return errorOf('WEBHOOK_ANSWER', { url }, { cause });
  if (code === 'BODY_CODING' && cause instanceof GatehouseError)
    return errorOf('WEBHOOK_ANSWER/coding', { url, problem: cause.message, remedy: cause.remedy }, { cause });
  if (cause instanceof GatehouseError) return cause;
  return (
    tlsError(url, cause) ??
    errorOf('WEBHOOK_UNREACHABLE', { url, reason: code ?? 'broken answer' }, { cause })
  );
}
