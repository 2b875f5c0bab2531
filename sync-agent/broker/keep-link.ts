import {
  Backoff,
  type Clock,
  errorOf,
  type GatehouseError,
  type Log,
  type Random,
  sleep,
} from '@gatehouse/kit';
import { type BrokerLink, type BrokerLogin, type LinkUser, openLink } from './link.ts';

/**
 * A link that lasted this long was a good one: the next loss starts the back-off afresh, however long the
 * outage before it was. One that did not goes on with the back-off where it stood, so a broker that lets go
 * at once is asked once in 30 s in the end, and one that lets go after this time once in that time.
 */
const goodLinkMs = 10_000;

export interface KeepLinkUser extends LinkUser {
  onUp(link: BrokerLink): void;
  /** The link is gone, or an attempt failed. */
  onDown(reason: GatehouseError): void;
}

export interface KeepLinkOptions {
  readonly login: BrokerLogin;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * MQTT 3.1.1 has no word for a client that loses its connection to another of its id, and mosquitto 2.0.11
 * does not say it with MQTT 5 either. What it looks like: the broker takes the login, and closes the
 * connection soon after, again and again.
 */
const kicks = { withinMs: 60_000, inRow: 3 };

/** Counts connections that were up and closed so. */
class KickCount {
  #inRow = 0;

  /** The reason, or what it looks like. */
  judge(reason: GatehouseError, lastedMs: number | undefined): GatehouseError {
    // An attempt that did not get through says nothing of who has the id.
    if (lastedMs === undefined) return reason;
    const isKick = reason.code === 'BROKER_CLOSED' && lastedMs < kicks.withinMs;
    this.#inRow = isKick ? this.#inRow + 1 : 0;
    if (this.#inRow < kicks.inRow) return reason;
    return errorOf('BROKER_KICKS', { times: this.#inRow, seconds: kicks.withinMs / 1000 }, { cause: reason });
  }
}

/**
 * Holds a link until the signal aborts: connects, waits for its end, and tries again after 0.25 s growing to
 * 30 s, jittered.
 */
export async function keepLink(
  options: KeepLinkOptions,
  user: KeepLinkUser,
  signal: AbortSignal,
): Promise<void> {
  const { login, clock, random, log } = options;
  const backoff = new Backoff({ firstMs: 250, capMs: 30_000, jitter: 'full' }, random);
  /** Only a new reason is logged, so that a broker away for a day leaves a line and not thousands. */
  let told = '';
  const kicked = new KickCount();
  const onUp = (link: BrokerLink) => {
    told = '';
    user.onUp(link);
  };
  while (!signal.aborted) {
    const { reason: said, lastedMs } = await holdOnce(options, { ...user, onUp }, signal);
    if (signal.aborted) return;
    if ((lastedMs ?? 0) >= goodLinkMs) backoff.reset();
    const reason = kicked.judge(said, lastedMs);
    user.onDown(reason);
    const waitMs = Math.round(backoff.nextMs());
    if (reason.code !== told) log.warn('broker-link-down', { broker: login.url, error: reason, waitMs });
    told = reason.code;
    await sleep(clock, waitMs, signal);
  }
}

/** One attempt, and how long its link lasted if there was one. */
async function holdOnce(
  { login, clock, log }: KeepLinkOptions,
  user: KeepLinkUser,
  signal: AbortSignal,
): Promise<{ readonly reason: GatehouseError; readonly lastedMs: number | undefined }> {
  let link: BrokerLink;
  try {
    link = await openLink(login, user, { clock, signal });
  } catch (error) {
    return { reason: error as GatehouseError, lastedMs: undefined };
  }
  const sinceMs = clock.monotonicMs();
  log.info('broker-link-up', {
    broker: login.url,
    protocol: link.protocol,
    receiveMaximum: link.receiveMaximum,
  });
  user.onUp(link);
  const reason = await link.closed;
  return { reason, lastedMs: clock.monotonicMs() - sinceMs };
}
