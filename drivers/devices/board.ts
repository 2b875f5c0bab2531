import { type Clock, describeError, every, GatehouseError, type Part, sleep } from '@gatehouse/kit';
import type { FieldBus, SendOptions } from '../bus/field-bus.ts';
import type { BusRequest, Exchange } from '../bus/request.ts';
import type { Profile } from '../profiles/profile.ts';
import { checkWrite, inputBits, readInputs, readRelays, relayBits } from '../profiles/requests.ts';

export type Comms = 'starting' | 'ok' | 'lost';

/**
 * Bits as read, by channel; `askedMs` is when the bus took the request (monotonic): what they say is not
 * older.
 */
export interface Reading {
  readonly bits: readonly boolean[];
  readonly askedMs: number;
}

export interface BoardOptions {
  readonly bus: FieldBus;
  readonly unit: number;
  readonly profile: Profile;
  readonly clock: Clock;
}

/**
 * Poll period of a board at rest, while something on it moves, and while it does not answer. Milliseconds.
 * Asking for a silent board costs the wire nothing: the bus lets only its own probes through.
 */
export const pollMs = { rest: 500, moving: 100, lost: 500 } as const;
/**
 * A board that has inputs is asked for its relays on every fourth poll only: that halves the poll cycle of a
 * bus.
 */
const relaysEveryPolls = 4;
/**
 * A changed contact is read again as soon as it can count, if that is within this time, milliseconds:
 * contacts are debounced for 50 and inputs for 100 unless the site file says otherwise. What takes longer
 * waits for the next poll.
 */
const secondLookWithinMs = 200;
/**
 * A board is lost when it has not answered for this long: more than 3 polls, and well within GB 50396's 5 s
 * to the host.
 */
export const lostAfterMs = 2500;
/** Good polls in a row before a lost board counts as back, so that a loose wire does not flap. */
const backAfterPolls = 2;

/** Receives the readings of a board. */
export interface BoardListener {
  inputsRead(reading: Reading): void;
  relaysRead(reading: Reading): void;
  commsChanged(comms: Comms, reason: string | undefined): void;
  /** True while the listener wants short polls. */
  moving(): boolean;
  /**
   * When the last contact that has changed will be old enough to count, monotonic milliseconds; nothing while
   * none has.
   */
  settlesAtMs(): number | undefined;
}

/** One relay board: polled in turn, known to be reachable or not. Never writes by itself. */
export class Board implements Part {
  readonly profile: Profile;
  readonly unit: number;
  readonly bus: FieldBus;
  readonly #clock: Clock;
  readonly #listeners: BoardListener[] = [];
  readonly #stopping = new AbortController();
  #comms: Comms = 'starting';
  #lastGoodMs: number | undefined;
  #waitingSinceMs = 0;
  #goodInARow = 0;
  #polls: number;
  /** Why it was not read since it answered last; nothing while it was not asked in vain. */
  #lastFailure: string | undefined;
  #stopWatch: () => void = () => undefined;
  #polling: Promise<void> | undefined;

  constructor(options: BoardOptions) {
    this.bus = options.bus;
    this.unit = options.unit;
    this.profile = options.profile;
    this.#clock = options.clock;
    // Neighbours read their relays on different polls: all of them at once would make every fourth cycle
    // twice as long.
    this.#polls = options.unit;
  }

  listen(listener: BoardListener): void {
    this.#listeners.push(listener);
  }

  /** Reachable right now: known to answer, and its bus is open. */
  get reachable(): boolean {
    return this.#comms === 'ok' && this.bus.up;
  }
  get comms(): Comms {
    return this.#comms;
  }
  /** Milliseconds since the board last answered. */
  get ageMs(): number | undefined {
    return this.#lastGoodMs === undefined ? undefined : this.#clock.monotonicMs() - this.#lastGoodMs;
  }

  start(): void {
    this.#waitingSinceMs = this.#clock.monotonicMs();
    this.#stopWatch = every(this.#clock, pollMs.rest, () => this.#watch());
    this.#polling = this.#poll(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopWatch();
    this.#stopping.abort();
    await this.#polling;
  }

  async readInputs(options: SendOptions): Promise<Reading> {
    const bitsOf = (exchange: Exchange) => inputBits(this.profile, exchange);
    const reading = await this.#read(readInputs(this.profile, this.unit), bitsOf, options);
    for (const listener of this.#listeners) listener.inputsRead(reading);
    return reading;
  }

  async readRelays(options: SendOptions): Promise<Reading> {
    const bitsOf = (exchange: Exchange) => relayBits(this.profile, exchange);
    const reading = await this.#read(readRelays(this.profile, this.unit), bitsOf, options);
    for (const listener of this.#listeners) listener.relaysRead(reading);
    return reading;
  }

  /** One write that the profile knows; anything else is refused before it is queued. */
  async write(request: BusRequest, options: SendOptions): Promise<Exchange> {
    checkWrite(this.profile, request);
    return this.bus.send(request, options);
  }

  async #read(
    request: BusRequest,
    bitsOf: (exchange: Exchange) => readonly boolean[],
    options: SendOptions,
  ): Promise<Reading> {
    let askedMs = this.#clock.monotonicMs();
    const onTake = () => {
      askedMs = this.#clock.monotonicMs();
      options.onTake?.();
    };
    const exchange = await this.bus.send(request, { ...options, onTake });
    this.#lastGoodMs = this.#clock.monotonicMs();
    this.#lastFailure = undefined;
    return { bits: bitsOf(exchange), askedMs };
  }

  async #poll(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const startedMs = this.#clock.monotonicMs();
      await this.#pollOnce(signal);
      // Counted from the start: on a full bus the wait for its turn is most of a board's period already.
      const tookMs = this.#clock.monotonicMs() - startedMs;
      await sleep(this.#clock, Math.max(0, this.#periodMs() - tookMs), signal);
    }
  }

  async #pollOnce(signal: AbortSignal): Promise<void> {
    try {
      const hasInputs = this.profile.inputs.count > 0;
      if (hasInputs) await this.#pollInputs(signal);
      // In the same turn: behind all the others again, this board's inputs would be twice as old at its next
      // one.
      if (this.#wantsRelays()) await this.readRelays({ priority: hasInputs ? 'poll-rest' : 'poll', signal });
      this.#goodInARow++;
      if (this.#comms === 'starting' || this.#goodInARow >= backAfterPolls) this.#setComms('ok', undefined);
    } catch (error) {
      // A request that found no room was never sent: that says nothing of the board.
      if (error instanceof GatehouseError && error.code === 'BUS_BUSY') return;
      this.#goodInARow = 0;
      this.#lastFailure = describeError(error);
    }
  }

  /**
   * A change is looked at a second time ahead of the other boards' polls. At most one such look follows each
   * poll, so that a contact that chatters takes no more turns from them than that.
   */
  async #pollInputs(signal: AbortSignal): Promise<void> {
    await this.readInputs({ priority: 'poll', signal });
    const settle = this.#listeners.flatMap((listener) => listener.settlesAtMs() ?? []);
    const waitMs = Math.max(...settle) - this.#clock.monotonicMs();
    if (settle.length === 0 || waitMs > secondLookWithinMs) return;
    // Timers fire up to 1 ms early: a look that comes a moment too soon would wait for the next poll.
    await sleep(this.#clock, Math.max(0, Math.ceil(waitMs) + 1), signal);
    await this.readInputs({ priority: 'poll-rest', signal });
  }

  #wantsRelays(): boolean {
    const { relays, inputs } = this.profile;
    const isDue = this.#polls++ % relaysEveryPolls === 0 || this.#goodInARow === 0;
    return relays.count > 0 && (inputs.count === 0 || isDue);
  }

  #isMoving(): boolean {
    return this.#listeners.some((listener) => listener.moving());
  }

  #periodMs(): number {
    if (this.#comms === 'lost' && this.#goodInARow === 0) return pollMs.lost;
    return this.#isMoving() ? pollMs.moving : pollMs.rest;
  }

  #watch(): void {
    // A reading that waits for its turn on a bus full of commands is old, and its age says so, but it is not
    // lost.
    if (this.#lastFailure === undefined) return;
    const sinceMs = this.#lastGoodMs ?? this.#waitingSinceMs;
    if (this.#clock.monotonicMs() - sinceMs <= lostAfterMs) return;
    this.#goodInARow = 0;
    this.#setComms('lost', this.#lastFailure);
  }

  #setComms(comms: Comms, reason: string | undefined): void {
    if (this.#comms === comms) return;
    this.#comms = comms;
    for (const listener of this.#listeners) listener.commsChanged(comms, reason);
  }
}
