import type {
  AuditEntry,
  AuditVerification,
  CommandOutcome,
  DeviceEvent,
  EnrolledCard,
} from '@gatehouse/contracts';
import { errorOf, type GatehouseError, isoWithOffset } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { AuditChain, type AuditEnd } from './audit-chain.ts';
import { type ExpectedHead, verifyAudit } from './audit-check.ts';
import { CommandTable } from './command-table.ts';
import { Credentials, maxCards } from './credentials.ts';
import { EventOutbox } from './event-outbox.ts';
import {
  auditFacts,
  type CommandFact,
  type EndedFact,
  type ExecutingFact,
  isOpen,
  type JournalFact,
} from './fact.ts';
import { Standing, type Stands } from './standing.ts';

/** How far an overflow log has been taken over. */
export interface TakenOver {
  readonly generation: number;
  readonly records: number;
}

/** Losses with an earlier file. */
export interface JournalLoss {
  /** Name of the damaged file; null: it was gone. */
  readonly aside: string | null;
  /** For people. */
  readonly missing: string;
  /** Epoch milliseconds: commands that expire by then may have been known to it. */
  readonly unknownUntilMs: number;
}

/** drivers.db, open: the only SQL of it. Every method throws SQLite's own errors. */
export class JournalFile {
  readonly db: Database.Database;
  readonly #commands: CommandTable;
  readonly #outbox: EventOutbox;
  readonly #standing: Standing;
  readonly #credentials: Credentials;
  readonly #audit: AuditChain;

  /** @param unreadable told of each row that cannot be read. */
  constructor(db: Database.Database, unreadable: (what: string) => void) {
    this.db = db;
    this.#commands = new CommandTable(db, unreadable);
    this.#outbox = new EventOutbox(db, unreadable);
    this.#standing = new Standing(db, unreadable);
    this.#credentials = new Credentials(db);
    this.#audit = new AuditChain(db);
  }

  /** All of it, or nothing. */
  apply(facts: readonly JournalFact[], takenOver?: TakenOver): void {
    this.#transact(() => {
      for (const fact of facts) this.#apply(fact);
      if (takenOver)
        this.db
          .prepare('INSERT OR REPLACE INTO overflow VALUES (1, ?, ?)')
          .run(takenOver.generation, takenOver.records);
    });
  }

  takenOver(): TakenOver | undefined {
    return this.db.prepare('SELECT generation, records FROM overflow').get() as TakenOver | undefined;
  }

  find(commandId: string): CommandOutcome | undefined {
    return this.#commands.find(commandId);
  }
  lastMove(device: string): CommandOutcome['action'] | undefined {
    return this.#commands.lastMove(device);
  }
  unfinished(): CommandOutcome[] {
    return this.#commands.unfinished();
  }
  stands(): Stands {
    return this.#standing.all();
  }

  cards(): EnrolledCard[] {
    return this.#credentials.list();
  }
  isEnrolled(credential: string, reader: string): boolean {
    return this.#credentials.isEnrolled(credential, reader);
  }
  /** Throws `CARDS_FULL`. */
  enrolCard(card: EnrolledCard, by: string, at: string): void {
    this.#transact(() => {
      if (!this.#credentials.keep(card)) throw cardsFull();
      this.#audit.append(cardEntry('card-enrolled', card.credential, by, at, { reader: card.reader }));
    });
  }
  /** How many enrolments ended. */
  revokeCard(credential: string, by: string, at: string): number {
    return this.#transact(() => {
      const ended = this.#credentials.revoke(credential);
      if (ended > 0) this.#audit.append(cardEntry('card-revoked', credential, by, at, { ended }));
      return ended;
    });
  }

  auditAfter(sequence: number, limit: number): AuditEntry[] {
    return this.#audit.after(sequence, limit);
  }
  auditHead(): AuditEnd {
    return this.#audit.end('head');
  }
  verifyAudit(expected: readonly ExpectedHead[]): Promise<AuditVerification> {
    return verifyAudit(this.db, expected);
  }
  /** The platform has this entry: from now on the chain must hold it. */
  acknowledgeHead(head: AuditEnd): void {
    if (head.sequence > this.#audit.end('acknowledged').sequence) this.#audit.setEnd('acknowledged', head);
  }

  eventsAfter(sequence: number, limit: number): DeviceEvent[] {
    return this.#outbox.after(sequence, limit);
  }
  /** Deletes up to and including `upTo`, at most `chunk` rows; returns how many went. */
  acknowledge(upTo: number, chunk: number): number {
    return this.#outbox.acknowledge(upTo, chunk);
  }

  /**
   * Forgets some of the commands from before a time, with an entry of the audit that says so; returns how
   * many.
   */
  forget(beforeMs: number, limit: number, nowMs: number): number {
    return this.#transact(() => {
      const { count, upToMs } = this.#commands.forget(beforeMs, limit);
      const facts = { count, before: isoWithOffset(upToMs + 1) };
      if (count > 0) this.#audit.append({ at: isoWithOffset(nowMs), what: 'commands-forgotten', facts });
      return count;
    });
  }

  loss(): JournalLoss | undefined {
    const sql = 'SELECT aside, missing, unknown_until_ms AS unknownUntilMs FROM recovery';
    return this.db.prepare(sql).get() as JournalLoss | undefined;
  }
  noteLoss({ aside, missing, unknownUntilMs }: JournalLoss): void {
    this.db
      .prepare('INSERT OR REPLACE INTO recovery VALUES (1, ?, ?, ?)')
      .run(aside, missing, unknownUntilMs);
  }

  #apply(fact: JournalFact): void {
    if (fact.fact === 'command') this.#command(fact);
    else if (fact.fact === 'executing') this.#executing(fact);
    else if (fact.fact === 'ended') this.#ended(fact);
    else if (fact.fact === 'entry') {
      if (fact.standing) this.#standing.apply(fact.standing);
      this.#audit.append(fact.entry);
      if (fact.event) this.#outbox.append(fact.event);
    } else {
      if (fact.fact === 'alarm') this.#standing.keepAlarm(fact.event);
      this.#outbox.append(fact.event);
    }
  }

  #command(fact: CommandFact): void {
    const { outcome, expiresAt, holdS, at } = fact;
    const row = this.#commands.insert(fact);
    const hold = holdS === undefined ? {} : { holdS };
    this.#entry('command', outcome, at, { ...auditFacts(outcome), expiresAt, ...hold, row });
    if (!isOpen(outcome)) this.#outbox.append({ type: 'command', at, outcome });
  }

  #executing(fact: ExecutingFact): void {
    const { outcome, leaseUntilMs, at } = fact;
    const row = this.#commands.update(fact);
    if (leaseUntilMs !== undefined) this.#standing.keepLease(outcome.device, leaseUntilMs);
    this.#entry('executing', outcome, at, { action: outcome.action, ...(row ? { row } : {}) });
  }

  #ended(fact: EndedFact): void {
    const { outcome, wire, at } = fact;
    const row = this.#commands.update(fact);
    this.#entry('outcome', outcome, at, { ...auditFacts(outcome), wire, ...(row ? { row } : {}) });
    this.#outbox.append({ type: 'command', at, outcome });
  }

  #entry(what: AuditEntry['what'], outcome: CommandOutcome, at: string, facts: AuditEntry['facts']): void {
    const { device, commandId, origin } = outcome;
    this.#audit.append({ at, what, device, commandId, origin, facts });
  }

  #transact<T>(work: () => T): T {
    return this.db.transaction(work).immediate();
  }
}

function cardEntry(
  what: 'card-enrolled' | 'card-revoked',
  credential: string,
  user: string,
  at: string,
  more: AuditEntry['facts'],
) {
  return { at, what, origin: { channel: 'cli' as const, user }, facts: { credential, ...more } };
}

function cardsFull(): GatehouseError {
  return errorOf('CARDS_FULL', { most: maxCards });
}
