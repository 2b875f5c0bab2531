import { Backoff, type Clock, type GatehouseError, type Log, type Random, sleep } from '@gatehouse/kit';
import { type BrokerLink, type BrokerLogin, type LinkUser, openLink } from './link.ts';

/**
 * A link that lasted this long was a good one: the next loss starts the back-off afresh, however long the outage before it was. One
 * that did not goes on with the back-off where it stood, so a broker that lets go at once is asked once in 30 s in the end, and one
 * that lets go after this time once in that time.
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

/** Holds a link until the signal aborts: connects, waits for its end, and tries again after 0.25 s growing to 30 s, jittered. */
export async function keepLink(
  options: KeepLinkOptions,
  user: KeepLinkUser,
  signal: AbortSignal,
): Promise<void> {
  const { login, clock, random, log } = options;
  const backoff = new Backoff({ firstMs: 250, capMs: 30_000, jitter: 'full' }, random);
  /** Only a new reason is logged, so that a broker away for a day leaves a line and not thousands. */
  let told = '';
  const onUp = (link: BrokerLink) => {
    told = '';
    user.onUp(link);
  };
  while (!signal.aborted) {
    const reason = await holdOnce(options, { ...user, onUp }, signal, backoff);
    if (signal.aborted) return;
    user.onDown(reason);
    const waitMs = Math.round(backoff.nextMs());
    if (reason.code !== told) log.warn('broker-link-down', { broker: login.url, error: reason, waitMs });
    told = reason.code;
    await sleep(clock, waitMs, signal);
  }
}

async function holdOnce(
  { login, clock, log }: KeepLinkOptions,
  user: KeepLinkUser,
  signal: AbortSignal,
  backoff: Backoff,
): Promise<GatehouseError> {
  let link: BrokerLink;
  try {
    link = await openLink(login, user, { clock, signal });
  } catch (error) {
    return error as GatehouseError;
  }
  const sinceMs = clock.monotonicMs();
  log.info('broker-link-up', {
    broker: login.url,
    protocol: link.protocol,
    receiveMaximum: link.receiveMaximum,
  });
  user.onUp(link);
  const reason = await link.closed;
  if (clock.monotonicMs() - sinceMs >= goodLinkMs) backoff.reset();
  return reason;
}
