import { type Clock, GatehouseError } from '@gatehouse/kit';

/** Between two chunks, so that an alarm's commit waits for one chunk (some milliseconds) at most. */
const pauseMs = 5;
/** After a chunk that the disk refused. */
const retryMs = 10_000;

/** Deletes acknowledged rows chunk by chunk, while everything else goes on. */
export class BackgroundDelete {
  readonly #clock: Clock;
  readonly #chunk: () => boolean;
  #cancel: (() => void) | undefined;
  /** `chunk` deletes one chunk and returns false when nothing is left. */
  constructor(clock: Clock, chunk: () => boolean) {
    this.#clock = clock;
    this.#chunk = chunk;
  }

  /** There are rows to delete. */
  wake(): void {
    this.#cancel ??= this.#clock.after(pauseMs, () => this.#step());
  }
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #step(): void {
    this.#cancel = undefined;
    try {
      if (this.#chunk()) this.wake();
    } catch (error) {
      // The rows are acknowledged and are not sent again. Only their room is missing until the disk takes the
      // deletion.
      if (!(error instanceof GatehouseError)) throw error;
      this.#cancel = this.#clock.after(retryMs, () => this.#step());
    }
  }
}
