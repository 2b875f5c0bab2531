import { type Clock, type Log, type Part, type Random, sleep } from '@gatehouse/kit';
import { type ConnectionLimiter, hostOf } from '../puller/connection-limiter.ts';
import type { CameraSource } from '../rtsp/camera-source.ts';
import { readClockOffset } from './read-clock-offset.ts';

/** First look after a start, so that it does not compete with the cameras' connecting, milliseconds. */
const firstLookMs = 30_000;
/** A clock drifts by seconds a day: GB 50396-2007 allows 5. */
const usualPeriodMs = 6 * 3_600_000;
/** While the clock is off somebody may be setting it, and a camera that gave no answer may be back. */
const shortPeriodMs = 600_000;
/** An offset from here on is worth another look soon, milliseconds. */
const suspiciousMs = 2_000;

export interface CameraClockOptions {
  /** Asked before every look; may throw while the camera's secret cannot be read. */
  readonly source: () => CameraSource;
  readonly connections: ConnectionLimiter;
  /**
   * The camera's wall clock minus the box's, milliseconds. The pictures' way over the network counts as slow,
   * some 0.3 s.
   */
  readonly onOffset: (offsetMs: number) => void;
  /**
   * The box is short of processor: pictures arrive late by seconds, and no clock can be read. Never if
   * absent.
   */
  readonly short?: () => boolean;
  /** The function that reads the clock; `readClockOffset` if absent. */
  readonly read?: typeof readClockOffset;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/**
 * Measures now and then how far a camera's clock is from the box's. The time burnt into its picture and into
 * the recorder's files is evidence only if it is right.
 */
export class CameraClock implements Part {
  readonly #options: CameraClockOptions;
  readonly #abort = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: CameraClockOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { clock, random, onOffset } = this.#options;
    const { signal } = this.#abort;
    let waitMs = firstLookMs;
    while (!signal.aborted) {
      // Not all cameras of a box at once.
      await sleep(clock, waitMs * (1 + random() / 2), signal);
      const offsetMs = signal.aborted ? undefined : await this.#look();
      if (offsetMs !== undefined) onOffset(offsetMs);
      waitMs = offsetMs === undefined || Math.abs(offsetMs) > suspiciousMs ? shortPeriodMs : usualPeriodMs;
    }
  }

  /** Undefined if the camera gave no picture, or the box had no time to read it. */
  async #look(): Promise<number | undefined> {
    const { connections, read = readClockOffset, short = () => false, clock, log } = this.#options;
    const { signal } = this.#abort;
    if (short()) return undefined;
    let source: CameraSource;
    try {
      source = this.#options.source();
    } catch (error) {
      log.debug('camera-clock-not-read', { error });
      return undefined;
    }
    // It waits behind cameras that want to be seen.
    const leave = await connections.enter({ host: hostOf(source.url), failing: true }, signal);
    try {
      const offsetMs = signal.aborted ? undefined : await read(source, clock, signal);
      return short() ? undefined : offsetMs;
    } finally {
      leave();
    }
  }
}
