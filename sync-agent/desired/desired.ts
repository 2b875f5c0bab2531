import { maxDesiredBytes, topics } from '@gatehouse/contracts';
import type { Clock, Log, Part, Random } from '@gatehouse/kit';
import { keepLink } from '../broker/keep-link.ts';
import { type BrokerLogin, maxInboundPacketBytes } from '../broker/link.ts';
import { type DesiredTaker, Handover } from './handover.ts';

export interface DesiredOptions {
  readonly box: string;
  /** With a client id of its own: a broker closes the older of two connections of one id. */
  readonly login: BrokerLogin;
  readonly topicPrefix: string;
  readonly runtime: DesiredTaker;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The desired state's way down: a connection of its own, the only one that takes messages of a megabyte. */
export class Desired implements Part {
  readonly #options: DesiredOptions;
  readonly #handover: Handover;
  readonly #abort = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: DesiredOptions) {
    const { runtime, clock, random, log } = options;
    this.#options = options;
    this.#handover = new Handover(runtime, clock, random, log);
  }

  start(): void {
    const { box, topicPrefix, login } = this.#options;
    const topic = topics.desired(topicPrefix, box);
    const user = {
      filters: () => [topic],
      onMessage: this.#handover.take.bind(this.#handover),
      onConfirmed: () => undefined,
      onUp: () => undefined,
      onDown: () => undefined,
    };
    // A message somewhat too long is turned away and told; a longer one the broker keeps to itself, or the link is cut.
    const maxPacketBytes = maxDesiredBytes + maxInboundPacketBytes;
    const { signal } = this.#abort;
    this.#running = Promise.all([
      keepLink({ ...this.#options, login: { ...login, maxPacketBytes } }, user, signal),
      this.#handover.run(signal),
    ]);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}
