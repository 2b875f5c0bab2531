import { statSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, every, isoWithOffset } from './clock.ts';
import { type HealthLine, healthLine, systemCode } from './errors.ts';
import type { Part } from './lifecycle.ts';
import type { Log } from './log.ts';
import { chronyd, ntpd, type TimeServer } from './time-servers.ts';

/**
 * The folder of systemd-timesyncd. It touches the file "synchronized" there on each successful
 * synchronisation (systemd-timesyncd.service(8)).
 */
const timesyncFolder = '/run/systemd/timesync';
const lookMs = 10_000;
/**
 * Three times the longest poll of timesyncd, 2,048 s (timesyncd.conf(5), PollIntervalMaxSec): two failed
 * polls change nothing.
 */
export const syncLifeMs = 3 * 2_048_000;

export interface ClockSyncOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Only a test gives another. */
  readonly folder?: string;
  /** Only a test gives others. */
  readonly servers?: readonly TimeServer[];
}

/**
 * The state of the clock. `since` is the last synchronisation, or the start of the service if there was none
 * since.
 */
export interface ClockKeeping {
  readonly state: 'synchronised' | 'unsynchronised' | 'unknown';
  readonly since?: string;
}

/**
 * Watches whether a time service keeps the box's clock right: systemd-timesyncd by the file that it leaves,
 * chronyd and ntpd by a question on the loopback. This needs no child process, no bus and no privilege, and
 * it writes nothing. The age of the last synchronisation is counted on the monotonic clock from when it was
 * seen, so that a step does not change it.
 */
export class ClockSync implements Part {
  readonly #options: ClockSyncOptions;
  readonly #folder: string;
  readonly #servers: readonly TimeServer[];
  /** The last answers of the servers. */
  #answers: readonly (boolean | undefined)[] = [];
  #mtimeMs: number | undefined;
  /** Monotonic milliseconds of timesyncd's last synchronisation, or of the start while there was none. */
  #fileSyncedMs: number;
  /** Monotonic milliseconds at which the clock was last known to be kept, or of the start. */
  #keptMs: number;
  #asking = false;
  #told: ClockKeeping['state'] | undefined;
  #stop: () => void = () => undefined;

  constructor(options: ClockSyncOptions) {
    this.#options = options;
    this.#folder = options.folder ?? timesyncFolder;
    this.#servers = options.servers ?? [chronyd(), ntpd()];
    this.#fileSyncedMs = options.clock.monotonicMs();
    this.#keptMs = this.#fileSyncedMs;
  }
  /** Returns before the first answers: until then nothing is known of servers. */
  start(): void {
    void this.#look();
    this.#stop = every(this.#options.clock, lookMs, () => void this.#look());
  }
  stop(): void {
    this.#stop();
  }

  /** The present state of the clock. */
  state(): ClockKeeping {
    const { clock } = this.#options;
    const all = [this.#timesyncd(), ...this.#answers];
    if (all.includes(true)) return { state: 'synchronised' };
    if (!all.includes(false)) return { state: 'unknown' };
    const ageMs = clock.monotonicMs() - this.#keptMs;
    return { state: 'unsynchronised', since: isoWithOffset(clock.epochMs() - ageMs) };
  }

  /** True if a time service keeps the clock right; `undefined` where it is not known. */
  synchronised(): boolean | undefined {
    const { state } = this.state();
    return state === 'unknown' ? undefined : state === 'synchronised';
  }

  /** One line for people while the clock is not kept. */
  warning(): HealthLine | undefined {
    const { state, since } = this.state();
    return state === 'unsynchronised' && since !== undefined
      ? healthLine('CLOCK_NOT_SYNCHRONISED', { since })
      : undefined;
  }

  /** By its file: `undefined` where it does not run. */
  #timesyncd(): boolean | undefined {
    if (mtimeOf(this.#folder) === undefined) return undefined;
    this.#see(mtimeOf(join(this.#folder, 'synchronized')));
    const { clock } = this.#options;
    return this.#mtimeMs !== undefined && clock.monotonicMs() - this.#fileSyncedMs <= syncLifeMs;
  }

  #see(mtimeMs: number | undefined): void {
    if (mtimeMs === undefined || mtimeMs === this.#mtimeMs) return;
    const { clock } = this.#options;
    // A file that this process finds at its start may be old. A change that it sees later has just happened.
    const oldMs = this.#mtimeMs === undefined ? Math.max(0, clock.epochMs() - mtimeMs) : 0;
    this.#mtimeMs = mtimeMs;
    this.#fileSyncedMs = clock.monotonicMs() - oldMs;
    this.#keptMs = this.#fileSyncedMs;
  }

  async #look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      this.#answers = await Promise.all(this.#servers.map((server) => server(this.#options.clock)));
    } finally {
      this.#asking = false;
    }
    if (this.#answers.includes(true)) this.#keptMs = this.#options.clock.monotonicMs();
    this.#tell();
  }

  #tell(): void {
    const { state, since } = this.state();
    if (state === this.#told) return;
    this.#told = state;
    const { log } = this.#options;
    if (state === 'unsynchronised') log.warn('clock-not-synchronised', { since });
    else log.info('clock-sync', { state });
  }
}

/** Milliseconds since 1970, or nothing where there is no such thing or it may not be looked at. */
function mtimeOf(path: string): number | undefined {
  try {
    return statSync(path).mtimeMs;
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
