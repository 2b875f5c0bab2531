import { existsSync } from 'node:fs';
import {
  type AuditEntry,
  type AuditVerification,
  type CommandOutcome,
  type DeviceEvent,
  type EnrolledCard,
  type HealthFault,
  maxCommandLifeMs,
} from '@gatehouse/contracts';
import { type Clock, every, GatehouseError, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type { AuditEnd } from './audit-chain.ts';
import type { ExpectedHead } from './audit-check.ts';
import { explainJournal, type OpenedJournal, openJournal, recoverAndOpen, standIn } from './database.ts';
import { afterCrash, isOpen, type JournalFact } from './fact.ts';
import { JournalFile, type JournalLoss } from './journal-file.ts';
import { journalHealth } from './journal-health.ts';
import { JournalWriter, type KeptFirst } from './journal-writer.ts';
import { Overflow } from './overflow.ts';
import { type Stands, standsAfter } from './standing.ts';

export interface JournalOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxPages?: number;
}

/** At least 24 h must be kept; 48 h keeps that true over a wall clock set wrong by a day. */
const keepMs = 48 * 3_600_000;
const forgetEveryMs = 3_600_000;
const retryEveryMs = 5_000;
/**
 * Without a write for so long the log is put into the file: a checkpoint waits for the disk, and nobody shall
 * wait for it.
 */
const idleMs = 2_000;
/** Rows a delete takes at once: a large one was seen to hold up writes for 1.64 s. */
const chunkRows = 500;

/**
 * The memory of the drivers: drivers.db, and beside it a file that can be written while the disk is full.
 * Whatever becomes of either, the service goes on; what is kept is durable, in order, and applied once.
 */
export class Journal implements Part {
  readonly #options: JournalOptions;
  readonly #overflow: Overflow;
  readonly #writer: JournalWriter;
  #opened: OpenedJournal | undefined;
  #file: JournalFile | undefined;
  #hasRecovered = false;
  /** Something may have moved of which nothing is known any more. */
  #movesUnknown = false;
  /** Epoch milliseconds: a command that expires by then may have been known to a journal that was lost. */
  #unknownUntilMs = 0;
  #unreadable = 0;
  /**
   * The lost part of a damaged file, as drivers.db says it. Health must not ask the file, which may turn out
   * to be damaged.
   */
  #loss: JournalLoss | undefined;
  /** When drivers.db was last written, while its log is to be put into it. */
  #writtenMs: number | undefined;
  #stopTimers: readonly (() => void)[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#overflow = new Overflow(`${options.file}.overflow`);
    this.#writer = new JournalWriter({
      clock: options.clock,
      log: options.log,
      overflow: this.#overflow,
      apply: (facts, takenOver) => {
        this.#guard((file) => file.apply(facts, takenOver));
        this.#writtenMs = options.clock.monotonicMs();
      },
      writable: () => this.#opened?.durable === true,
    });
  }

  /** Throws `JOURNAL_TAKEN` and `JOURNAL_TOO_NEW` only. */
  start(): void {
    const { clock } = this.#options;
    // An earlier version kept no note of expiries.
    const latestMs = existsSync(this.#options.file) ? clock.epochMs() + maxCommandLifeMs : 0;
    const { existed, newestExpiryMs } = this.#overflow.open(latestMs);
    this.#use(openJournal(this.#opening()));
    this.#overflow.forget(this.#guard((file) => file.takenOver()));
    const { holds } = this.#opened ?? {};
    this.#loss = this.#guard((file) => file.loss());
    if (holds === 'lost' || (holds === 'new' && existed)) this.#lost(newestExpiryMs);
    else this.#unknownUntilMs = this.#loss?.unknownUntilMs ?? 0;
    while (this.#writer.takeOver());
    this.#closeOrphans();
    this.#stopTimers = [
      every(clock, retryEveryMs, () => void this.#retry()),
      every(clock, forgetEveryMs, () => void this.#forget()),
    ];
  }

  stop(): void {
    for (const stop of this.#stopTimers) stop();
    if (this.#file) {
      while (this.#writer.takeOver());
      this.#writer.flush();
    }
    this.#overflow.close();
    this.#file?.db.close();
    this.#file = undefined;
  }

  health(): HealthFault[] {
    return journalHealth({
      file: this.#options.file,
      opened: this.#opened,
      loss: this.#loss,
      overflowed: this.#overflow.facts.length,
      overflowFreeBytes: this.#overflow.freeBytes,
      stuck: this.#writer.stuck,
      unreadable: this.#unreadable,
    });
  }

  /**
   * Resolves once a fact is durable that must be before what follows from it. Throws `JOURNAL_FULL`,
   * `JOURNAL_NOT_WRITABLE`: then it is not kept. Facts that are given together share one commit.
   */
  keepFirst(kept: KeptFirst): Promise<void> {
    return this.#writer.keepFirst(kept);
  }
  /**
   * Keeps what has happened already, now or as soon as the disk takes it; resolves once it has been tried.
   */
  keep(fact: JournalFact): Promise<void> {
    return this.#writer.keep(fact);
  }
  /** The same with the next turn of the event loop: what has been written to a board is to be known soon. */
  keepSoon(fact: JournalFact): Promise<void> {
    return this.#writer.keep(fact, true);
  }
  /**
   * The same as `keepFirst` without a wait, right before a write. `person`: somebody at the box asks for it.
   */
  keepNow(fact: JournalFact, person: boolean): void {
    this.#writer.keepNow(fact, person);
  }

  /** Keeps all that was given so far, as far as the disk takes it. */
  flush(): void {
    this.#writer.flush();
  }

  find(commandId: string): CommandOutcome | undefined {
    return (
      this.#writer.outcome(commandId) ??
      this.#overflow.outcome(commandId) ??
      this.#guard((file) => file.find(commandId))
    );
  }
  /** Whether a command that is not known may be one that a lost journal knew: none may move a relay twice. */
  mayHaveBeenKnown(expiresAtMs: number): boolean {
    return expiresAtMs <= this.#unknownUntilMs;
  }
  /** The last known order of a device; a lowering if that was lost. */
  lastMove(device: string): CommandOutcome['action'] | undefined {
    if (this.#movesUnknown) return 'close';
    return this.#overflow.lastMove(device) ?? this.#guard((file) => file.lastMove(device));
  }
  /** State of alarms, leases and latch when the service stopped. */
  stands(): Stands {
    const kept = this.#guard((file) => file.stands());
    return standsAfter(kept, this.#overflow.facts);
  }

  cards(): EnrolledCard[] {
    return this.#guard((file) => file.cards());
  }
  isEnrolled(credential: string, reader: string): boolean {
    return this.#guard((file) => file.isEnrolled(credential, reader));
  }
  /** Throws `CARDS_FULL`. */
  enrolCard(card: EnrolledCard, by: string): void {
    this.#guard((file) => file.enrolCard(card, by, this.#now()));
  }
  /** How many enrolments ended. */
  revokeCard(credential: string, by: string): number {
    return this.#guard((file) => file.revokeCard(credential, by, this.#now()));
  }

  auditAfter(sequence: number, limit: number): AuditEntry[] {
    return this.#settled((file) => file.auditAfter(sequence, limit));
  }
  /** The newest entry's number and hash; 0 while there is none. */
  auditHead(): AuditEnd {
    return this.#settled((file) => file.auditHead());
  }
  verifyAudit(expected: readonly ExpectedHead[] = []): Promise<AuditVerification> {
    return this.#settled((file) => file.verifyAudit(expected));
  }
  acknowledgeHead(head: AuditEnd): void {
    this.#guard((file) => file.acknowledgeHead(head));
  }

  eventsAfter(sequence: number, limit: number): DeviceEvent[] {
    return this.#settled((file) => file.eventsAfter(sequence, limit));
  }
  /** Forgets events up to and including `upTo`, chunk by chunk, letting other work in between. */
  async acknowledge(upTo: number): Promise<void> {
    while (this.#guard((file) => file.acknowledge(upTo, chunkRows)) === chunkRows)
      await new Promise((resolve) => setImmediate(resolve));
  }

  #opening() {
    const { file, clock, log, maxPages } = this.#options;
    return { file, nowMs: clock.epochMs(), log, ...(maxPages === undefined ? {} : { maxPages }) };
  }
  #now(): string {
    return isoWithOffset(this.#options.clock.epochMs());
  }

  #use(opened: OpenedJournal): void {
    this.#opened = opened;
    this.#file = new JournalFile(opened.db, (what) => {
      this.#unreadable++;
      this.#options.log.error('journal-row-unreadable', { what });
    });
  }

  /** A reader finds all that was given before, unless the disk takes nothing. */
  #settled<T>(work: (file: JournalFile) => T): T {
    if (this.#opened?.durable && this.#overflow.facts.length === 0) this.#writer.flush();
    return this.#guard(work);
  }

  /**
   * Calls `work` on the open file. A file that turns out to be damaged is made anew, once a process, and the
   * same work tried again.
   */
  #guard<T>(work: (file: JournalFile) => T): T {
    if (!this.#file) throw new Error('the journal is not open');
    try {
      return work(this.#file);
    } catch (cause) {
      const error = explainJournal(this.#options.file, cause);
      const isDamaged = error instanceof GatehouseError && error.code === 'JOURNAL_CORRUPT';
      if (!isDamaged || this.#hasRecovered) throw error;
      this.#hasRecovered = true;
      this.#file.db.close();
      this.#use(recoverAndOpen(this.#opening(), error));
      this.#lost(this.#overflow.newestExpiryMs);
      return work(this.#file);
    }
  }

  /**
   * Commands that were carried out may not be known any more: what they could still be repeated as is refused
   * for as long.
   */
  #lost(newestExpiryMs: number | undefined): void {
    this.#movesUnknown = true;
    this.#unknownUntilMs = newestExpiryMs ?? this.#options.clock.epochMs() + maxCommandLifeMs;
    const { aside = null, missing = 'all of it' } = this.#file?.loss() ?? {};
    this.#loss = { aside, missing, unknownUntilMs: this.#unknownUntilMs };
    this.#file?.noteLoss(this.#loss);
  }

  #closeOrphans(): void {
    const known = this.#guard((file) => file.unfinished()).map(
      (one) => this.#overflow.outcome(one.commandId) ?? one,
    );
    const all = new Map([...known, ...this.#overflow.outcomes()].map((one) => [one.commandId, one]));
    const orphans = [...all.values()].filter(isOpen);
    const at = this.#now();
    for (const outcome of orphans)
      void this.#writer.keep({ fact: 'ended', at, outcome: afterCrash(outcome, at), wire: [] });
    this.#writer.flush();
    if (orphans.length > 0) this.#options.log.warn('commands-interrupted', { count: orphans.length });
  }

  async #retry(): Promise<void> {
    if (this.#opened?.durable === false) this.#reopen();
    while (this.#file && this.#writer.takeOver()) await new Promise((resolve) => setImmediate(resolve));
    if (this.#file && this.#writer.stuck > 0) this.#writer.flush();
    if (this.#opened?.durable && this.#overflow.freeBytes === 0) this.#overflow.open();
    this.#checkpoint();
  }

  #checkpoint(): void {
    const { clock, log } = this.#options;
    if (this.#writtenMs === undefined || clock.monotonicMs() - this.#writtenMs < idleMs) return;
    this.#writtenMs = undefined;
    try {
      this.#guard(({ db }) => db.pragma('wal_checkpoint(PASSIVE)'));
    } catch (error) {
      log.warn('journal-not-checkpointed', { error });
    }
  }

  #reopen(): void {
    const opening = this.#opening();
    this.#file?.db.close();
    try {
      this.#use(openJournal(opening));
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      this.#use(standIn(opening, error));
    }
    if (this.#opened?.durable) this.#options.log.info('journal-writable-again', { file: opening.file });
  }

  async #forget(): Promise<void> {
    const { clock, log } = this.#options;
    try {
      const beforeMs = clock.epochMs() - keepMs;
      while (this.#guard((file) => file.forget(beforeMs, chunkRows, clock.epochMs())) === chunkRows)
        await new Promise((resolve) => setImmediate(resolve));
    } catch (error) {
      log.error('commands-not-forgotten', { error });
    }
  }
}
