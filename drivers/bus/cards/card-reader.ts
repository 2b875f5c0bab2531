import { Backoff, type Clock, describeError, type Log, type Part, sleep } from '@gatehouse/kit';
import type { ByteLine } from '../byte-line.ts';
import { CardFrameParser } from './card-frame.ts';
import { CardNumber } from './card-number.ts';

/** A card held before a reader. */
export interface CardRead {
  readonly reader: string;
  readonly card: CardNumber;
  /** Monotonic milliseconds. */
  readonly atMs: number;
}

export interface CardReaderOptions {
  readonly id: string;
  /** A fresh line for each attempt to open it. */
  readonly openLine: () => ByteLine;
  readonly clock: Clock;
  readonly log: Log;
  readonly onCard: (read: CardRead) => void;
  /** The line was opened (true), or could not be or went away, and why. */
  readonly onLink?: (up: boolean, reason?: string) => void;
}

/**
 * Readers repeat a card for as long as it lies before them: within this time it is the same reading,
 * milliseconds.
 */
const repeatMs = 1000;

/**
 * A reader board on a serial line, reopened by itself when its adapter comes back. It only listens, and logs
 * no card.
 */
export class CardReader implements Part {
  readonly #options: CardReaderOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #up = false;
  #last: CardRead | undefined;
  #lastReason = '';

  constructor(options: CardReaderOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#up;
  }

  start(): void {
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { id, clock, log } = this.#options;
    const backoff = new Backoff({ firstMs: 200, capMs: 10_000 });
    while (!signal.aborted) {
      const line = this.#options.openLine();
      const closed = new AbortController();
      const end = () => closed.abort();
      const parser = new CardFrameParser();
      line.onData((chunk) => {
        for (const hex of parser.push(chunk)) this.#read(new CardNumber(hex));
      });
      line.onClose(end);
      signal.addEventListener('abort', end, { once: true });
      try {
        await line.open();
        this.#up = true;
        this.#lastReason = '';
        backoff.reset();
        log.info('card-reader-up', { reader: id });
        this.#options.onLink?.(true);
        if (!closed.signal.aborted)
          await new Promise((resolve) => closed.signal.addEventListener('abort', resolve, { once: true }));
        await line.close();
      } catch (error) {
        this.#logOnce(error);
      }
      signal.removeEventListener('abort', end);
      this.#up = false;
      if (!signal.aborted) this.#options.onLink?.(false, this.#lastReason || 'unplugged');
      await sleep(clock, backoff.nextMs(), signal);
    }
  }

  #read(card: CardNumber): void {
    const { id, clock, onCard } = this.#options;
    const read = { reader: id, card, atMs: clock.monotonicMs() };
    const isRepeat = this.#last?.card.equals(card) && read.atMs - this.#last.atMs < repeatMs;
    this.#last = read;
    if (isRepeat) return;
    onCard(read);
  }

  /** One line for each new reason, not one for each attempt. */
  #logOnce(error: unknown): void {
    const reason = describeError(error);
    if (reason === this.#lastReason) return;
    this.#lastReason = reason;
    this.#options.log.warn('card-reader-down', { reader: this.#options.id, error });
  }
}
