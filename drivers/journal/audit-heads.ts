import { type Clock, every, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type { Journal } from './journal.ts';

/** The head goes upstream after so many entries, and after a day with any. */
export const headEveryEntries = 500;
export const headEveryMs = 24 * 3_600_000;
const lookMs = 60_000;

/**
 * Sends the head of the audit chain upstream: at the start, after 500 entries, and daily. Whoever owns the
 * box can compute a whole new chain or cut its end off, but not one that holds the heads that the platform
 * has.
 */
export class AuditHeads implements Part {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #log: Log;
  #sent = 0;
  #sentMs = 0;
  #stop: () => void = () => undefined;

  constructor(journal: Journal, clock: Clock, log: Log) {
    this.#journal = journal;
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#send();
    this.#stop = every(this.#clock, lookMs, () => this.#look());
  }
  stop(): void {
    this.#stop();
  }

  #look(): void {
    try {
      const more = this.#journal.auditHead().sequence - this.#sent;
      const dayOver = this.#clock.monotonicMs() - this.#sentMs >= headEveryMs;
      if (more >= headEveryEntries || (more > 0 && dayOver)) this.#send();
    } catch (error) {
      this.#log.error('audit-head-not-sent', { error });
    }
  }

  #send(): void {
    const head = this.#journal.auditHead();
    if (head.sequence === 0) return;
    const at = isoWithOffset(this.#clock.epochMs());
    void this.#journal.keep({ fact: 'event', event: { type: 'audit-head', at, head } });
    this.#sent = head.sequence;
    this.#sentMs = this.#clock.monotonicMs();
  }
}
