import type { Clock, Random } from '@gatehouse/kit';
import { HostileSlaves } from '../../simulators/hostile-slaves.ts';
import type { ByteLine } from '../byte-line.ts';
import { type LineFormat, wireMs } from '../rtu-timing.ts';

/** Faults of the line itself, besides those of its slaves. */
export interface LineCondition {
  /**
   * The adapter hears itself: what is sent comes back, in pieces, while it is sent and up to `latencyMs`
   * later.
   */
  readonly echo?: boolean;
  /** No bias: 00 and FF before and behind what is said, also late, and while the master takes the line. */
  readonly noise?: boolean;
}

/**
 * An adapter hands on what it has heard in its order, some time later: USB adapters gather bytes for some
 * milliseconds.
 */
const latencyMs = 8;

/** An in-memory line with hostile slaves on it. */
export class HostileLine implements ByteLine {
  readonly slaves: HostileSlaves;
  condition: LineCondition;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #format: LineFormat;
  #data: (chunk: Buffer) => void = () => undefined;
  #lastDueMs = Number.NEGATIVE_INFINITY;

  constructor(
    clock: Clock,
    random: Random,
    options: {
      readonly format: LineFormat;
      readonly lateMs: { readonly least: number; readonly most: number };
      readonly condition: LineCondition;
    },
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#format = options.format;
    this.condition = options.condition;
    const { least, most } = options.lateMs;
    this.slaves = new HostileSlaves({
      random,
      later: (delayMs, act) => void clock.after(delayMs, act),
      say: (bytes) => this.#fromSlave(bytes),
      turnaroundMs: { least: 10, most: 70 },
      duplicateGapMs: 3,
      // Bytes that an adapter adds count too: beyond the bound nobody can tell.
      lateMs: { least, most: most - (options.condition.echo ? latencyMs : 0) },
    });
  }
  open(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  flush(): Promise<void> {
    return Promise.resolve();
  }
  write(bytes: Buffer): void {
    const { echo, noise } = this.condition;
    if (noise && this.#random() < 0.3) this.#deliver(this.#noise(1), 0);
    if (echo) this.#echo(bytes);
    this.slaves.hear(bytes);
  }
  onData(fn: (chunk: Buffer) => void): void {
    this.#data = fn;
  }
  onClose(): void {
    // This line never closes by itself.
  }

  /** In up to three pieces, each when its last byte has left the wire at the earliest. */
  #echo(bytes: Buffer): void {
    const cuts = [this.#below(bytes.length), this.#below(bytes.length), bytes.length].toSorted(
      (a, b) => a - b,
    );
    let from = 0;
    for (const to of cuts) {
      if (to > from) this.#deliver(bytes.subarray(from, to), wireMs(this.#format, to));
      from = to;
    }
  }

  #fromSlave(bytes: Buffer): void {
    const { noise } = this.condition;
    if (noise && this.#random() < 0.5) this.#deliver(this.#noise(2), 0);
    this.#deliver(bytes, 0);
    // t3.5 is 3.6 ms at 9600 baud: some of it comes behind the silence that ends a reply, some into the next
    // request.
    if (noise && this.#random() < 0.7) this.#deliver(this.#noise(3), this.#random() * 6);
  }

  /** Bytes are on the wire after so long; the adapter hands them on in that order. */
  #deliver(bytes: Buffer, afterMs: number): void {
    if (afterMs > 0) this.#clock.after(afterMs, () => this.#handOn(bytes));
    else this.#handOn(bytes);
  }

  #handOn(bytes: Buffer): void {
    if (!this.condition.echo) {
      this.#data(bytes);
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    this.#lastDueMs = Math.max(this.#lastDueMs, nowMs + this.#random() * latencyMs);
    this.#clock.after(this.#lastDueMs - nowMs, () => this.#data(bytes));
  }

  /** One to `most` bytes that nobody has sent. */
  #noise(most: number): Buffer {
    return Buffer.from(
      Array.from({ length: 1 + this.#below(most) }, () => (this.#random() < 0.5 ? 0 : 0xff)),
    );
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}
