import { asDetail, type CommandLinkStatus, topics } from '@gatehouse/contracts';
import {
  type Clock,
  describeError,
  type GatehouseError,
  isoWithOffset,
  type Log,
  type Part,
  type Random,
} from '@gatehouse/kit';
import { keepLink } from '../broker/keep-link.ts';
import type { BrokerLogin } from '../broker/link.ts';
import type { CommandLink } from '../uplink/status-reporter.ts';
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
 * The way down, on a connection of its own, so that no backlog of events on its way up stands before a
 * command. Clean start, session expiry 0: what is published while the box is away is never delivered.
 */
export class Commands implements Part, CommandLink {
  readonly #options: CommandsOptions;
  readonly #forwarder: Forwarder;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #state: CommandLinkStatus['state'] = 'connecting';
  /** Monotonic, so that a step of the wall clock does not change how long a state has lasted. */
  #sinceMs: number;
  #trouble: GatehouseError | undefined;
  #told: () => void = () => undefined;

  constructor(options: CommandsOptions) {
    this.#options = options;
    this.#forwarder = new Forwarder(options.runtime, options.clock, options.log);
    this.#sinceMs = options.clock.monotonicMs();
  }

  onChange(listener: () => void): void {
    this.#told = listener;
  }

  /** How the connection stands now, and since when. */
  status(): CommandLinkStatus {
    const { clock } = this.#options;
    const since = isoWithOffset(clock.epochMs() - (clock.monotonicMs() - this.#sinceMs));
    const detail = this.#trouble ? { detail: asDetail(describeError(this.#trouble)) } : {};
    return { state: this.#state, since, ...detail };
  }

  start(): void {
    const { box, topicPrefix } = this.#options;
    const topic = topics.commands(topicPrefix, box);
    const user = {
      filters: () => [topic],
      onMessage: this.#forwarder.take.bind(this.#forwarder),
      onConfirmed: () => undefined,
      onUp: () => this.#turn('connected', undefined),
      onDown: (reason: GatehouseError) => this.#turn('down', reason),
    };
    this.#running = keepLink(this.#options, user, this.#abort.signal);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await this.#forwarder.stop();
  }

  #turn(state: CommandLinkStatus['state'], trouble: GatehouseError | undefined): void {
    const known = state === this.#state && trouble?.code === this.#trouble?.code;
    if (state !== this.#state) this.#sinceMs = this.#options.clock.monotonicMs();
    this.#state = state;
    this.#trouble = trouble;
    if (!known) this.#told();
  }
}
