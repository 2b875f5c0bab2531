import { maxCommandBytes, PlatformAnswer, type PlatformMessage } from '@gatehouse/contracts';
import type { Clock, LocalClient, Log } from '@gatehouse/kit';
import type { InboundMessage } from '../broker/link.ts';
import { WarnBudget } from '../uplink/warn-budget.ts';

/**
 * Messages handed on at once (drop policy: drop-newest, counted). A command is answered within 8 s, so
 * nothing older waits.
 */
const maxAtOnce = 8;
/** Longer than the runtime waits for the drivers. */
const answerMs = 10_000;

type WhyAway = 'MESSAGE_TOO_LONG' | 'TOO_MANY_AT_ONCE';

/** The runtime as the forwarder sees it. */
export type MessageTaker = Pick<LocalClient, 'call'>;

/**
 * Hands messages on as bytes. It reads none, because what the network reaches first must not be able to make
 * or change a command: the drivers verify. It keeps none either: what cannot be handed on now is lost, and
 * the platform sees no outcome.
 */
export class Forwarder {
  readonly #runtime: MessageTaker;
  readonly #log: Log;
  readonly #warnings: WarnBudget;
  readonly #going = new Set<Promise<void>>();
  readonly #abort = new AbortController();
  readonly #turnedAway: Record<WhyAway, number> = { MESSAGE_TOO_LONG: 0, TOO_MANY_AT_ONCE: 0 };

  constructor(runtime: MessageTaker, clock: Clock, log: Log) {
    this.#runtime = runtime;
    this.#log = log;
    this.#warnings = new WarnBudget(log, clock);
  }

  take({ payload, retained }: InboundMessage): void {
    if (this.#going.size >= maxAtOnce) this.#turnAway('TOO_MANY_AT_ONCE');
    else if (payload.length > maxCommandBytes) this.#turnAway('MESSAGE_TOO_LONG');
    else this.#go({ bytes: payload.toString('base64'), retained });
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#going);
  }

  #turnAway(why: WhyAway): void {
    this.#turnedAway[why]++;
    this.#warnings.warn('command-turned-away', why);
    if (this.#going.size < maxAtOnce) this.#tellTurnedAway(why);
  }

  #tellTurnedAway(why: WhyAway): void {
    const count = this.#turnedAway[why];
    this.#turnedAway[why] = 0;
    this.#go({ turnedAway: why, count });
  }

  #go(message: PlatformMessage): void {
    const going = this.#send(message).finally(() => {
      this.#going.delete(going);
      if (this.#turnedAway.TOO_MANY_AT_ONCE > 0 && !this.#abort.signal.aborted)
        this.#tellTurnedAway('TOO_MANY_AT_ONCE');
    });
    this.#going.add(going);
  }

  async #send(body: PlatformMessage): Promise<void> {
    try {
      const options = { body, timeoutMs: answerMs, signal: this.#abort.signal };
      const answer = PlatformAnswer.parse(await this.#runtime.call('POST', '/platform-messages', options));
      const { refusal, outcome } = answer;
      if (refusal) this.#warnings.warn('command-refused', refusal.reason);
      if (outcome)
        this.#log.info('command-answered', {
          commandId: outcome.commandId,
          state: outcome.state,
          reason: outcome.reason,
        });
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#warnings.warn('command-not-handed-on', 'runtime', { error });
    }
  }
}
