import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { ClockSyncState } from '@gatehouse/contracts';
import { type Clock, every, isoWithOffset, type Log, type Part, systemCode } from '@gatehouse/kit';

/** Of systemd-timesyncd. systemd-timesyncd.service(8): "synchronized" in it is touched on each successful synchronisation. */
const timesyncFolder = '/run/systemd/timesync';
const lookMs = 60_000;
/** Three times the longest poll of timesyncd, 2,048 s (timesyncd.conf(5), PollIntervalMaxSec): two failed polls are no loss. */
export const syncLifeMs = 3 * 2_048_000;

export interface ClockSyncOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Only a test gives another. */
  readonly folder?: string;
}

/**
 * Whether somebody keeps the box's clock right, read from what systemd-timesyncd leaves behind: no child process, no bus, nothing to
 * write. Another NTP client leaves nothing that an unprivileged user may read, so its clock is `unknown`. How long ago the last
 * synchronisation was is counted on the monotonic clock from when it was seen, so that a step does not change it.
 */
export class ClockSync implements Part {
  readonly #options: ClockSyncOptions;
  readonly #folder: string;
  #mtimeMs: number | undefined;
  /** Monotonic milliseconds of the last synchronisation, or of the start while there was none. */
  #syncedMs: number;
  #told: ClockSyncState['state'] | undefined;
  #stop: () => void = () => undefined;

  constructor(options: ClockSyncOptions) {
    this.#options = options;
    this.#folder = options.folder ?? timesyncFolder;
    this.#syncedMs = options.clock.monotonicMs();
  }
  start(): void {
    this.#tell();
    this.#stop = every(this.#options.clock, lookMs, () => this.#tell());
  }
  stop(): void {
    this.#stop();
  }

  /** How the clock is kept now. */
  state(): ClockSyncState {
    const { clock } = this.#options;
    if (mtimeOf(this.#folder) === undefined) return { state: 'unknown' };
    this.#see(mtimeOf(join(this.#folder, 'synchronized')));
    const ageMs = clock.monotonicMs() - this.#syncedMs;
    if (this.#mtimeMs !== undefined && ageMs <= syncLifeMs) return { state: 'synchronised' };
    return { state: 'unsynchronised', since: isoWithOffset(clock.epochMs() - ageMs) };
  }

  /** Whether the clock is kept; `undefined` where it is not known. */
  synchronised(): boolean | undefined {
    const { state } = this.state();
    return state === 'unknown' ? undefined : state === 'synchronised';
  }

  /** One line for people while the clock is not kept. */
  warning(): string | undefined {
    const { state, since } = this.state();
    return state === 'unsynchronised'
      ? `CLOCK_NOT_SYNCHRONISED: the clock has not been synchronised since ${since}. Check the time server: timedatectl timesync-status.`
      : undefined;
  }

  #see(mtimeMs: number | undefined): void {
    if (mtimeMs === undefined || mtimeMs === this.#mtimeMs) return;
    const { clock } = this.#options;
    // What this process finds when it starts may be old; what changes under its eyes is of now.
    const oldMs = this.#mtimeMs === undefined ? Math.max(0, clock.epochMs() - mtimeMs) : 0;
    this.#mtimeMs = mtimeMs;
    this.#syncedMs = clock.monotonicMs() - oldMs;
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
