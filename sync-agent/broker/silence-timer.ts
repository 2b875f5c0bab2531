import { type Clock, every } from '@gatehouse/kit';

const lookMs = 1_000;
/** A peer that has said nothing for so many looks is asked, and after as many again without an answer it is silent. */
const looksEach = 10;

export interface SilenceTimerOptions {
  readonly clock: Clock;
  /** Sends something that the peer must answer. */
  readonly ask: () => void;
  /** Nothing has come for 20 s, 10 s of them after it was asked. Called once. */
  readonly onSilent: () => void;
}

/**
 * Notices a peer that is gone while its connection stays open. TCP itself tells after a quarter of an hour, and only of a connection
 * that sends. Time is counted in looks, not read off the clock: in a process that was stopped for a minute the first timer comes
 * before what has arrived meanwhile is read.
 */
export class SilenceTimer {
  readonly #options: SilenceTimerOptions;
  #quietLooks = 0;
  #holds = 0;
  #stop: () => void = () => undefined;

  constructor(options: SilenceTimerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stop = every(this.#options.clock, lookMs, () => this.#look());
  }

  stop(): void {
    this.#stop();
  }

  /** Something has come from the peer. */
  heard(): void {
    this.#quietLooks = 0;
  }

  /** This side reads nothing until `work` has settled: what the peer says meanwhile is not heard. */
  async hold(work: Promise<void>): Promise<void> {
    this.#holds++;
    try {
      await work;
    } finally {
      this.#holds--;
      this.heard();
    }
  }

  #look(): void {
    if (this.#holds > 0) return;
    this.#quietLooks++;
    if (this.#quietLooks === looksEach) this.#options.ask();
    if (this.#quietLooks < looksEach * 2) return;
    this.stop();
    this.#options.onSilent();
  }
}
