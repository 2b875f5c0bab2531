import { topics } from '@gatehouse/contracts';
import type { Clock, Log, Part, Random } from '@gatehouse/kit';
import { keepLink } from '../broker/keep-link.ts';
import type { BrokerLogin } from '../broker/link.ts';
import { Forwarder, type MessageTaker } from './forwarder.ts';

export interface CommandsOptions {
  readonly box: string;
  /** With a client id of its own: a broker closes the older of two connections of one id. */
  readonly login: BrokerLogin;
  readonly topicPrefix: string;
  readonly runtime: MessageTaker;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * The way down, on a connection of its own, so that no backlog of events on its way up stands before a command. Clean start, session
 * expiry 0: what is published while the box is away is never delivered.
 */
export class Commands implements Part {
  readonly #options: CommandsOptions;
  readonly #forwarder: Forwarder;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#forwarder = new Forwarder(options.runtime, options.clock, options.log);
  }

  start(): void {
    const { box, topicPrefix } = this.#options;
    const topic = topics.commands(topicPrefix, box);
    const user = {
      filters: () => [topic],
      onMessage: this.#forwarder.take.bind(this.#forwarder),
      onConfirmed: () => undefined,
      onUp: () => undefined,
      onDown: () => undefined,
    };
    this.#running = keepLink(this.#options, user, this.#abort.signal);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#forwarder.stop();
  }
}
