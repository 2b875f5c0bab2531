import { type HealthFault, healthFault, maxDesiredBytes, topics } from '@gatehouse/contracts';
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
import { type BrokerLogin, maxInboundPacketBytes } from '../broker/link.ts';
import type { Beside } from '../uplink/status-reporter.ts';
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
export class Desired implements Part, Beside {
  readonly #options: DesiredOptions;
  readonly #handover: Handover;
  readonly #abort = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #isUp = false;
  /** Since when it is down, and why. Monotonic, so that a step of the wall clock does not change how long. */
  #down: { readonly sinceMs: number; readonly reason: GatehouseError } | undefined;
  #told: () => void = () => undefined;

  constructor(options: DesiredOptions) {
    const { runtime, clock, random, log } = options;
    this.#options = options;
    this.#handover = new Handover(runtime, clock, random, log);
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  onChange(listener: () => void): void {
    this.#told = listener;
  }

  /** Told while the platform's zones and flows cannot reach this box. */
  health(): HealthFault[] {
    if (!this.#down) return [];
    const { clock } = this.#options;
    const { sinceMs, reason } = this.#down;
    const since = isoWithOffset(clock.epochMs() - (clock.monotonicMs() - sinceMs));
    return [healthFault('platform', 'UPLINK_DESIRED_DOWN', { since, error: describeError(reason) })];
  }

  start(): void {
    const { box, topicPrefix, login } = this.#options;
    const topic = topics.desired(topicPrefix, box);
    const user = {
      filters: () => [topic],
      onMessage: this.#handover.take.bind(this.#handover),
      onConfirmed: () => undefined,
      onUp: () => this.#turn(true, undefined),
      onDown: (reason: GatehouseError) => this.#turn(false, reason),
    };
    // A message somewhat too long is turned away and told; a longer one the broker keeps to itself, or the
    // link is cut.
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

  #turn(isUp: boolean, reason: GatehouseError | undefined): void {
    const known = isUp === this.#isUp && reason?.code === this.#down?.reason.code;
    const sinceMs = this.#down?.sinceMs ?? this.#options.clock.monotonicMs();
    this.#isUp = isUp;
    this.#down = reason && { sinceMs, reason };
    if (!known) this.#told();
  }
}
