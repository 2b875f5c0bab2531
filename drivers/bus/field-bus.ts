import { Backoff, type Clock, GatehouseError, type Log, type Part, type Random, sleep } from '@gatehouse/kit';
import { type LineHabits, type Link, noiseRemedy } from './link.ts';
import { type BusRequest, busError, describeRequest, type Exchange } from './request.ts';
import { type Priority, RequestQueue } from './request-queue.ts';
import { UnitBreakers } from './unit-breaker.ts';

export interface SendOptions {
  readonly priority: Priority;
  /** Whose request it is: of one priority those of different parties take turns. */
  readonly from?: string;
  /**
   * Called when the bus takes the request, right before its first byte. Throwing refuses it: nothing is sent,
   * and `send` rejects with what was thrown. Last checks and the durable "executing" mark go here.
   */
  readonly onTake?: () => void;
  /** Takes the request out of the queue; a frame in flight is never cut. */
  readonly signal?: AbortSignal;
}

interface Waiting {
  readonly request: BusRequest;
  readonly from: string;
  readonly onTake: (() => void) | undefined;
  readonly resolve: (exchange: Exchange) => void;
  readonly reject: (error: unknown) => void;
}

export interface FieldBusOptions {
  readonly id: string;
  readonly openLink: () => Link;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
  /**
   * Of the slowest board on the bus, by its profile; a probe of a silent unit waits no longer. If absent: the
   * whole time-out.
   */
  readonly worstTurnaroundMs?: number;
  /** Most commands that wait; polls are bounded apart. */
  readonly queueLimit?: number;
}

/**
 * One bus: one request at a time, most urgent first, over a link that is reopened with jittered back-off.
 * Nothing waits across an outage: while the bus is down `send` rejects at once with `BUS_DOWN`, and while a
 * unit is silent with `BUS_UNIT_SILENT`, but for one probe now and then.
 */
export class FieldBus implements Part {
  readonly id: string;
  readonly #options: FieldBusOptions;
  readonly #queue: RequestQueue<Waiting>;
  readonly #breakers: UnitBreakers;
  readonly #stopping = new AbortController();
  #link: Link | undefined;
  #broken = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;
  /** Why there is no link. */
  #down: GatehouseError | undefined;
  #told: Pick<LineHabits, 'localEcho' | 'noisyReplies'> = nothingTold;

  constructor(options: FieldBusOptions) {
    this.id = options.id;
    this.#options = options;
    this.#queue = new RequestQueue(options.queueLimit ?? 64, ({ from }) => from);
    this.#breakers = new UnitBreakers(options.clock, options.worstTurnaroundMs);
  }

  /** True while a link is open; a silent board behind it shows only in its own exchanges. */
  get up(): boolean {
    return this.#link !== undefined;
  }

  /** Returns at once: an unreachable bus keeps trying and never stops the service. */
  start(): void {
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  send(request: BusRequest, options: SendOptions): Promise<Exchange> {
    if (!this.up || this.#stopping.signal.aborted)
      return Promise.reject(this.#down ?? busError('BUS_DOWN', this.id, 'no link yet'));
    if (options.signal?.aborted) return Promise.reject(options.signal.reason);
    const silent = this.#silent(request);
    if (silent) return Promise.reject(silent);
    return new Promise((resolve, reject) => {
      const { onTake, from = '' } = options;
      const waiting: Waiting = { request, from, onTake, resolve, reject };
      const dropped = this.#queue.push(options.priority, waiting);
      dropped?.reject(
        busError('BUS_BUSY', this.id, `too much waits for ${describeRequest(dropped.request)}`),
      );
      options.signal?.addEventListener(
        'abort',
        () => {
          if (this.#queue.remove(waiting)) reject(options.signal?.reason);
        },
        { once: true },
      );
      this.#wake();
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, random } = this.#options;
    const backoff = new Backoff({ firstMs: 200, capMs: 10_000 }, random);
    while (!signal.aborted) {
      try {
        this.#link = await this.#connect();
        log.info('bus-up', { bus: this.id });
        this.#down = undefined;
        if (await this.#serve(signal)) backoff.reset();
      } catch (error) {
        this.#logOnce(error);
      }
      this.#drop();
      if (!signal.aborted) await sleep(clock, backoff.nextMs(), signal);
    }
  }

  async #connect(): Promise<Link> {
    const link = this.#options.openLink();
    await link.open();
    this.#broken = false;
    this.#told = nothingTold;
    link.onClose(() => {
      this.#broken = true;
      this.#wake();
    });
    return link;
  }

  /** Serves the queue until the link breaks for good; returns whether any exchange went well. */
  async #serve(signal: AbortSignal): Promise<boolean> {
    let anyGood = false;
    while (!signal.aborted && this.#link && !this.#broken) {
      const link = this.#link;
      const waiting = this.#queue.shift(({ request }) => link.restMs(request.unit) === 0);
      if (!waiting) {
        await this.#idle(link);
        continue;
      }
      const isGood = await this.#exchange(link, waiting);
      this.#tellHabits(link.habits);
      if (isGood) anyGood = true;
      else if (link.mustReopen && !(await this.#reopen())) return anyGood;
      await answersHeard();
    }
    return anyGood;
  }

  /** Waits for a request, or for the rest of the unit that the next one is for. */
  async #idle(link: Link): Promise<void> {
    const rests = this.#queue.items().map(({ request }) => link.restMs(request.unit));
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#stopping.signal.aborted || this.#broken) return;
    const cancel =
      rests.length > 0
        ? this.#options.clock.after(Math.ceil(Math.min(...rests)), () => this.#wake())
        : () => undefined;
    await woken;
    cancel();
  }

  /** Returns whether the unit answered, or was not asked at all. */
  async #exchange(link: Link, { request, onTake, resolve, reject }: Waiting): Promise<boolean> {
    try {
      const silent = this.#silent(request);
      if (silent) throw silent;
      onTake?.();
    } catch (error) {
      reject(error);
      return true;
    }
    const { clock } = this.#options;
    const sentMs = clock.monotonicMs();
    const answered = () => this.#breakers.answered(request.unit, clock.monotonicMs() - sentMs);
    try {
      const exchange = await link.exchange(request, this.#breakers.patienceMs(request.unit));
      answered();
      resolve(exchange);
      return true;
    } catch (error) {
      reject(error);
      const code = error instanceof GatehouseError ? error.code : undefined;
      if (code === 'BUS_EXCEPTION') answered();
      else if (code !== 'BUS_DOWN') this.#breakers.failed(request.unit);
      return code === 'BUS_EXCEPTION';
    }
  }

  /**
   * Tells the installer about trouble of a line that still works: once since it was opened, noise ten
   * times as much.
   */
  #tellHabits(habits: LineHabits | undefined): void {
    if (!habits) return;
    const { localEcho, replies, noisyReplies } = habits;
    const { id: bus } = this;
    const { log } = this.#options;
    if (localEcho === 'heard' && this.#told.localEcho !== 'heard')
      log.info('bus-local-echo', { bus, what: 'the adapter gives back what is sent; nothing has to be set' });
    const isMore = noisyReplies >= Math.max(1, this.#told.noisyReplies * 10);
    if (isMore) log.warn('bus-line-noise', { bus, replies, noisyReplies, remedy: noiseRemedy });
    this.#told = { localEcho, noisyReplies: isMore ? noisyReplies : this.#told.noisyReplies };
  }

  /** Why a unit is not asked now. */
  #silent(request: BusRequest): GatehouseError | undefined {
    const waitMs = this.#breakers.waitMs(request.unit);
    if (waitMs === 0) return undefined;
    const what = `unit ${request.unit} does not answer and is asked again in ${Math.ceil(waitMs / 1000)} s`;
    return busError('BUS_UNIT_SILENT', this.id, `${what} (${describeRequest(request)})`);
  }

  /** A fresh connection, at once and without back-off. */
  async #reopen(): Promise<boolean> {
    this.#link?.close();
    try {
      this.#link = await this.#connect();
      return true;
    } catch (error) {
      this.#logOnce(error);
      return false;
    }
  }

  #drop(): void {
    this.#link?.close();
    this.#link = undefined;
    for (let waiting = this.#queue.shift(); waiting; waiting = this.#queue.shift())
      waiting.reject(busError('BUS_DOWN', this.id, `lost before ${describeRequest(waiting.request)}`));
  }

  /** One line for each new reason, not one for each attempt. */
  #logOnce(error: unknown): void {
    const down = error instanceof GatehouseError ? error : busError('BUS_DOWN', this.id, String(error));
    if (down.message === this.#down?.message) return;
    this.#down = down;
    this.#options.log.warn('bus-down', { bus: this.id, error: down });
  }
}

const nothingTold = { localEcho: 'unknown', noisyReplies: 0 } as const;

/**
 * Until everybody who waited for an answer has heard it and has asked what follows from it. A raise, or the
 * reading back of a write, must not wait for the frame of a poll that happened to stand in the queue (30 ms
 * at 9600 baud, a silent unit's probe 300 ms). Ticks come when no promise is left to settle.
 */
function answersHeard(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
