import { type Clock, every } from './clock.ts';
import type { Part } from './lifecycle.ts';
import type { Log } from './log.ts';
import { type ProcessorReading, readProcessor } from './processor-times.ts';
import { slower, WorkingClock } from './working-clock.ts';

export interface ProcessorMonitorOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Processes that this service has started and that have work to do in time. */
  readonly pids?: () => readonly number[];
  /**
   * The figure of another service of this box that has measured for long enough, given while the box is short
   * of processor.
   */
  readonly told?: () => { readonly waitedShare: number } | undefined;
  /** Only tests give another. */
  readonly read?: (pids: readonly number[]) => ProcessorReading;
}

/** The box's supply of processor. */
export interface ProcessorState {
  readonly short: boolean;
  /** Largest share of the time that a thread wanted a processor and had none, 0 to 1. */
  readonly waitedShare: number;
  /** Threads of the machine that want a processor, for each one it has. */
  readonly perProcessor: number | undefined;
}

const lookEveryMs = 1_000;
/** A thread that waits half of the time, and twice as long as it runs, cannot do its work in time. */
const shortFrom = { waitedShare: 0.5, perProcessor: 8, lateMs: 1_000 };
/** Below these the box is well again. */
const wellBelow = { waitedShare: 0.25, perProcessor: 4, lateMs: 500 };
const leastStretch = 2;
/** So many looks in a row before the box is short, and before it is well again. */
const looksToShort = 3;
const looksToWell = 10;

/**
 * Watches whether the box has enough processor for this service. While it has not, limits on silence run on a
 * slower clock. Any delay is then the box's own fault, so nothing else is blamed before five times its limit.
 */
export class ProcessorMonitor implements Part {
  readonly #options: ProcessorMonitorOptions;
  readonly #working: WorkingClock;
  #before: { readonly atMs: number; readonly reading: ProcessorReading } | undefined;
  #state: ProcessorState = { short: false, waitedShare: 0, perProcessor: undefined };
  /** Looks in a row that spoke for the other state. */
  #against = 0;
  #stop: () => void = () => undefined;

  constructor(options: ProcessorMonitorOptions) {
    this.#options = options;
    this.#working = new WorkingClock(options.clock, lookEveryMs);
  }

  start(): void {
    this.#working.start();
    this.#look();
    this.#stop = every(this.#options.clock, lookEveryMs, () => this.#look());
  }

  stop(): void {
    this.#stop();
  }

  /** True while the box is short of processor, and for 10 s afterwards. */
  get short(): boolean {
    return this.#state.short;
  }
  get state(): ProcessorState {
    return this.#state;
  }
  /**
   * A limit for something that begins now, milliseconds. It is five times longer while the box is short of
   * processor.
   */
  limitMs(usualMs: number): number {
    return this.#state.short ? slower * usualMs : usualMs;
  }
  /** For limits on silence: five times slower while the box is short of processor. */
  get clock(): Clock {
    return this.#working;
  }

  #look(): void {
    const { clock, pids = () => [], read = readProcessor, told = () => undefined } = this.#options;
    const atMs = clock.monotonicMs();
    const reading = read(pids());
    const before = this.#before;
    this.#before = { atMs, reading };
    this.#working.look(this.#state.short);
    if (!before) return;
    const passedMs = Math.max(1, atMs - before.atMs);
    const measured = {
      waitedShare: Math.min(1, longestWaitMs(before.reading, reading) / passedMs),
      perProcessor: (reading.runnable ?? 0) / reading.processors,
      lateMs: passedMs - lookEveryMs,
    };
    const others = told();
    const beyond = others !== undefined || reaches(measured, this.#state.short ? wellBelow : shortFrom);
    this.#against = beyond === this.#state.short ? 0 : this.#against + 1;
    const looks = this.#state.short ? looksToWell : others ? 1 : looksToShort;
    const turns = this.#against >= looks;
    const short = turns ? !this.#state.short : this.#state.short;
    const { perProcessor } = measured;
    const waitedShare = Math.max(measured.waitedShare, others?.waitedShare ?? 0);
    this.#state = {
      short,
      waitedShare,
      perProcessor: reading.runnable === undefined ? undefined : perProcessor,
    };
    if (!turns) return;
    this.#against = 0;
    this.#working.look(short);
    this.#options.log.warn(short ? 'processor-short' : 'processor-enough', {
      waitedShare: rounded(waitedShare),
      perProcessor: rounded(perProcessor),
    });
  }
}

function reaches(measured: typeof shortFrom, limits: typeof shortFrom): boolean {
  return (
    measured.waitedShare >= limits.waitedShare ||
    measured.perProcessor >= limits.perProcessor ||
    measured.lateMs >= limits.lateMs
  );
}

/**
 * The longest wait of one thread between two readings, among the threads that waited far longer than they
 * ran.
 */
function longestWaitMs(before: ProcessorReading, after: ProcessorReading): number {
  let longest = 0;
  for (const [id, { ranMs, waitedMs }] of after.threads) {
    const known = before.threads.get(id);
    if (!known) continue;
    const waited = waitedMs - known.waitedMs;
    if (waited >= leastStretch * (ranMs - known.ranMs)) longest = Math.max(longest, waited);
  }
  return longest;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
