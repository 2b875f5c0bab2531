import { type HealthFault, healthFault } from '@gatehouse/contracts';
import {
  BoundedQueue,
  type Clock,
  describeError,
  every,
  GatehouseError,
  type Log,
  type Part,
  systemCode,
} from '@gatehouse/kit';

const retryEveryMs = 5_000;
const maxWaiting = 1_000;

/**
 * Facts that happened already and must reach the journal although its disk is full just now: tried at once, then in
 * order every 5 s. Bounded (drop policy: drop-newest, logged): a command in the journal stays `executing` then, and
 * becomes `unknown` at the next start, which is the truth.
 */
export class WriteBehind implements Part {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting = new BoundedQueue<() => void>(maxWaiting, 'drop-newest');
  #head: (() => void) | undefined;
  #stopRetrying: () => void = () => undefined;
  #failure: unknown;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  start(): void {
    this.#stopRetrying = every(this.#clock, retryEveryMs, () => this.#drain());
  }

  stop(): void {
    this.#stopRetrying();
    this.#drain();
  }

  /** While the disk refuses facts it refuses commands, too: each must be on it before its relay moves. */
  health(): HealthFault[] {
    if (this.#failure === undefined) return [];
    const code = this.#failure instanceof GatehouseError ? this.#failure.code : 'JOURNAL_NOT_WRITTEN';
    const waiting = this.#waiting.length + (this.#head ? 1 : 0);
    const detail = `${waiting} facts about doors wait for the journal: ${describeError(this.#failure)}`;
    return [healthFault('people', code, detail)];
  }

  write(fact: () => void): void {
    if (!this.#waiting.push(fact)) this.#log.error('journal-write-dropped', { waiting: maxWaiting });
    this.#drain();
  }

  #drain(): void {
    for (;;) {
      this.#head ??= this.#waiting.shift();
      if (!this.#head) return;
      try {
        this.#head();
        this.#head = undefined;
        this.#failure = undefined;
      } catch (error) {
        if (isTheDisk(error)) {
          this.#failure = error;
          this.#log.error('journal-write-waits', { waiting: this.#waiting.length + 1, error });
          return;
        }
        // Not the disk's fault: no retry would mend it, and everything behind it would wait for ever.
        this.#log.error('journal-write-failed', { error });
        this.#head = undefined;
      }
    }
  }
}

function isTheDisk(error: unknown): boolean {
  if (error instanceof GatehouseError) return true;
  const code = systemCode(error) ?? '';
  return code.startsWith('SQLITE_') && !code.startsWith('SQLITE_CONSTRAINT');
}
