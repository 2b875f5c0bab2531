import type { CommandOutcome } from '@gatehouse/contracts';
import { BoundedQueue, type Clock, errorOf, type GatehouseError, type Log } from '@gatehouse/kit';
import { isTheDisk } from './database.ts';
import { isOpen, type JournalFact } from './fact.ts';
import type { TakenOver } from './journal-file.ts';
import type { Overflow } from './overflow.ts';

/** Facts that wait in memory because neither file takes them. */
const maxWaiting = 1_000;
/**
 * Records that one commit takes besides what somebody waits for to move something: each costs some 0.2 ms,
 * and a stop that comes meanwhile waits for the commit.
 */
const recordsOfCommit = 32;
/**
 * A commit waits for the disk, and with it all else: 0.2 ms on an idle SSD, 20 on an eMMC. Records wait so
 * long for one another.
 */
const recordWaitMs = 20;
/** Facts of the overflow that are taken over in one transaction. */
const takenAtOnce = 200;
/** The rest of the overflow is for what people at the box ask for. */
const shareOfOthers = 0.75;

/** A fact that must be durable before what follows from it. */
export interface KeptFirst {
  /** Called when it is written: what has become of it meanwhile counts. */
  readonly fact: () => JournalFact;
  /** Something moves once it is durable; else it is a record only, and lets those pass. */
  readonly moves: () => boolean;
  /** Somebody at the box asks: it is kept although the disk is full. */
  readonly person: boolean;
}

interface First extends KeptFirst {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}
interface Behind {
  readonly fact: JournalFact;
  readonly tried: () => void;
}

export interface JournalWriterOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly overflow: Overflow;
  /** Puts facts into drivers.db, all or none. Throws `JOURNAL_*`. */
  readonly apply: (facts: readonly JournalFact[], takenOver?: TakenOver) => void;
  /** Whether drivers.db can be written at all. */
  readonly writable: () => boolean;
}

/**
 * Makes facts durable. What comes together shares one commit, after all that the event loop has at hand has
 * been heard: a stop among 1,000 opens is found first. While drivers.db takes nothing facts go into the
 * overflow, and from there into drivers.db, in order. Bounded (drop policy: drop-newest, logged): a command
 * in the journal stays `executing` then, and becomes `unknown` at the next start, which is the truth.
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  readonly #behind = new BoundedQueue<Behind>(maxWaiting, 'drop-newest');
  /** Of commands, what waits behind. */
  readonly #outcomes = new Map<string, CommandOutcome>();
  #first: First[] = [];
  #stuck = 0;
  #scheduled = false;
  #cancelSoon: (() => void) | undefined;

  constructor(options: JournalWriterOptions) {
    this.#options = options;
  }

  /** Facts that wait in memory because neither file took them. */
  get stuck(): number {
    return this.#stuck;
  }

  outcome(commandId: string): CommandOutcome | undefined {
    return this.#outcomes.get(commandId);
  }

  keepFirst(kept: KeptFirst): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#first.push({ ...kept, resolve, reject });
      if (kept.moves() || this.#first.length >= recordsOfCommit) this.#schedule();
      else this.#soon();
    });
  }

  keep(fact: JournalFact, soon = false): Promise<void> {
    return new Promise((tried) => {
      if (this.#behind.push({ fact, tried })) this.#note(fact);
      else {
        this.#options.log.error('journal-write-dropped', { waiting: maxWaiting, fact: fact.fact });
        tried();
      }
      if (soon) this.#schedule();
      else this.#soon();
    });
  }

  keepNow(fact: JournalFact, person: boolean): void {
    this.#writeBehind([fact], person);
  }

  /** Everything that waits, as far as the disk takes it. */
  flush(): void {
    while (this.#first.length > 0) this.#turn();
    this.#writeBehind([], false);
  }

  /**
   * Puts some of the overflow into drivers.db; false when there is no more, or drivers.db does not take it.
   */
  takeOver(): boolean {
    const { overflow, apply, writable, log } = this.#options;
    if (overflow.facts.length === 0 || !writable()) return false;
    const { facts, takenOver } = overflow.next(takenAtOnce);
    try {
      apply(facts, takenOver);
      overflow.taken(facts.length);
      return overflow.facts.length > 0;
    } catch (error) {
      if (!isTheDisk(error)) log.error('journal-overflow-not-taken', { error });
      return false;
    }
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Behind all input that is ready: what came together is then known together.
    setImmediate(() => {
      this.#scheduled = false;
      this.#turn();
    });
  }

  /** A fact that is needed only later waits a little for others to share its commit. */
  #soon(): void {
    this.#cancelSoon ??= this.#options.clock.after(recordWaitMs, () => this.#turn());
  }

  /** One commit. */
  #turn(): void {
    this.#cancelSoon?.();
    this.#cancelSoon = undefined;
    const firsts = this.#nextFirsts();
    const facts = firsts.map(({ fact }) => fact());
    // Told before it is kept: what is lost with drivers.db must not look newer than it is.
    for (const fact of facts)
      if (fact.fact === 'command' && isOpen(fact.outcome))
        this.#options.overflow.noteExpiry(Date.parse(fact.expiresAt));
    try {
      this.#writeBehind(facts, firsts.length > 0 && firsts.every(({ person }) => person));
      for (const { resolve } of firsts) resolve();
    } catch (error) {
      if (firsts.length === 1) firsts[0]?.reject(error);
      // One of them may be what the journal cannot take, or not all of them are a person's.
      else for (const [i, one] of firsts.entries()) this.#one(one, facts[i]);
    }
    if (this.#first.some(({ moves }) => moves()) || this.#first.length >= recordsOfCommit) this.#schedule();
    else if (this.#first.length > 0) this.#soon();
  }

  #one({ person, resolve, reject }: First, fact: JournalFact | undefined): void {
    try {
      if (fact) this.#write([fact], person ? 1 : 0);
      resolve();
    } catch (error) {
      reject(error);
    }
  }

  #nextFirsts(): First[] {
    const moving: First[] = [];
    const records: First[] = [];
    for (const one of this.#first) (one.moves() ? moving : records).push(one);
    this.#first = records.slice(recordsOfCommit);
    return [...moving, ...records.slice(0, recordsOfCommit)];
  }

  /**
   * Facts that have happened already go first, in order; then `facts`, in the same commit. Throws if these
   * could not be kept.
   */
  #writeBehind(facts: readonly JournalFact[], person: boolean): void {
    const behind: Behind[] = [];
    for (let one = this.#behind.shift(); one; one = this.#behind.shift()) behind.push(one);
    this.#outcomes.clear();
    this.#stuck = 0;
    if (behind.length + facts.length === 0) return;
    try {
      this.#apply([...behind.map(({ fact }) => fact), ...facts]);
    } catch (error) {
      for (const one of behind) this.#retry(one);
      if (facts.length > 0) this.#write(facts, person ? 1 : 0);
      this.#options.log[isTheDisk(error) ? 'warn' : 'error']('journal-commit-failed', { error });
    }
    for (const { tried } of behind) tried();
  }

  #retry(one: Behind): void {
    try {
      this.#write([one.fact], shareOfOthers);
    } catch (error) {
      // A retry mends only a fault of the disk.
      if (isTheDisk(error) && this.#behind.push({ ...one, tried: () => undefined })) {
        this.#stuck++;
        this.#note(one.fact);
      } else this.#options.log.error('journal-write-failed', { fact: one.fact.fact, error });
    }
  }

  #note(fact: JournalFact): void {
    if ('outcome' in fact) this.#outcomes.set(fact.outcome.commandId, fact.outcome);
  }

  /** Into drivers.db, or the overflow; there into a share of it at most. */
  #write(facts: readonly JournalFact[], share: number): void {
    try {
      this.#apply(facts);
    } catch (error) {
      if (!isTheDisk(error) || !this.#options.overflow.append(facts, share)) throw error;
    }
  }

  #apply(facts: readonly JournalFact[]): void {
    const { overflow, apply, writable } = this.#options;
    // The overflow comes before.
    if (overflow.facts.length > 0 || !writable()) throw full();
    apply(facts);
  }
}

function full(): GatehouseError {
  return errorOf('JOURNAL_FULL/waiting');
}
