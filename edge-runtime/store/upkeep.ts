import { type Clock, describeError, every, GatehouseError, type Log } from '@gatehouse/kit';
import type { ReserveFile } from './reserve-file.ts';
import type { WalCheckpointer } from './wal-checkpointer.ts';

const lookMs = 10_000;

export interface UpkeepOptions {
  readonly wal: WalCheckpointer;
  readonly reserve: ReserveFile;
  readonly clock: Clock;
  readonly log: Log;
  /** Called when the reserve was freed or taken again, to write it where people look. */
  readonly onReserve: (held: boolean) => void;
}

/** Looks after the file while the store runs: its log, and the reserve that a full disk has taken. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #lastCommitMs = 0;
  #onReserve = false;
  #stop: () => void = () => undefined;
  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  start(): void {
    const { clock, reserve, log } = this.#options;
    this.#lastCommitMs = clock.monotonicMs();
    if (!reserve.hold()) log.warn('store-without-reserve');
    this.#stop = every(clock, lookMs, () => this.#look());
  }
  stop(): void {
    this.#stop();
  }

  /** True from the moment the disk was full until there is room for a reserve again. */
  get livesOnReserve(): boolean {
    return this.#onReserve;
  }
  committed(): void {
    this.#lastCommitMs = this.#options.clock.monotonicMs();
  }

  /** The disk is full. True if room was made: then try again. */
  makeRoom(): boolean {
    if (!this.#options.reserve.release()) return false;
    this.#onReserve = true;
    try {
      // Up to 4 MB may be in the log and in the file: with the reserve there is room to finish the copy.
      this.#options.wal.shrink();
    } catch (error) {
      this.#options.log.warn('store-log-not-shrunk', { reason: describeError(error) });
    }
    this.#options.log.error('store-disk-full', {
      detail: 'The reserve was let go; alarms and doors are recorded, telemetry gives way.',
    });
    return true;
  }

  #look(): void {
    const { wal, reserve, clock, log, onReserve } = this.#options;
    try {
      wal.look(clock.monotonicMs() - this.#lastCommitMs);
      if (!this.#onReserve || !reserve.hold()) return;
      this.#onReserve = false;
      log.info('store-reserve-back');
      onReserve(true);
    } catch (error) {
      // Health knows of a refusing disk by the refused commit; the next look tries again.
      const code = error instanceof GatehouseError ? error.code : undefined;
      log.warn('store-look-failed', { code, reason: describeError(error) });
    }
  }
}
