import {
  type AuditEntry,
  type AuditVerification,
  CommandOutcome,
  type DeviceCommand,
  type DeviceEvent,
  type EnrolledCard,
} from '@gatehouse/contracts';
import { type Clock, every, GatehouseError, isoWithOffset, type Log, type Part } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { AuditChain, type NewAuditEntry } from './audit-chain.ts';
import { Credentials, maxCards } from './credentials.ts';
import { explainJournal, openJournalDatabase } from './database.ts';
import { EventOutbox, type NewDeviceEvent } from './event-outbox.ts';
import { Standing, type StandingAlarm } from './standing.ts';

export interface JournalOptions {
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly maxPages?: number;
}

/** Bytes of one exchange, in hexadecimal, for the audit. */
export interface WireRecord {
  readonly sent: string;
  readonly received: string;
}

/** doors.md asks for at least 24 h; 48 h keeps that true over a wall clock set wrong by a day. */
const keepMs = 48 * 3_600_000;
const pruneEveryMs = 60_000;
/** Rows a delete takes at once: a large one was seen to hold up writes for 1.64 s. */
const chunkRows = 500;

/** The only SQL of drivers.db: the command journal and the events that wait for the runtime. */
export class Journal implements Part {
  readonly #options: JournalOptions;
  #open: OpenJournal | undefined;
  #stopPruning: () => void = () => undefined;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  start(): void {
    const { file, clock, log, maxPages } = this.#options;
    this.#open = new OpenJournal(openJournalDatabase(file, maxPages));
    const orphans = this.#guard((open) => this.#closeOrphans(open));
    if (orphans > 0) log.warn('commands-interrupted', { count: orphans });
    this.#stopPruning = every(clock, pruneEveryMs, () => this.#prune());
  }

  stop(): void {
    this.#stopPruning();
    this.#open?.db.close();
    this.#open = undefined;
  }

  /**
   * What a device was last sent to do, as far as the journal reaches back: a close counts even if nobody answered it, anything else
   * only if its relay was read as closed.
   */
  lastMove(device: string): CommandOutcome['action'] | undefined {
    return this.#guard((open) => {
      const row = open.lastMove.get(device);
      return row === undefined ? undefined : outcomeOf(row).action;
    });
  }

  find(commandId: string): CommandOutcome | undefined {
    return this.#guard((open) => {
      const row = open.find.get(commandId);
      return row === undefined ? undefined : outcomeOf(row);
    });
  }

  /** Stores a new command durably. A command that is refused at once is stored with its end and its event. */
  accept(command: DeviceCommand, outcome: CommandOutcome): void {
    this.#guard((open) =>
      open.db.transaction(() => {
        const acceptedMs = this.#options.clock.epochMs();
        const { commandId, device, action, expiresAt } = command;
        open.insert.run(
          commandId,
          device,
          action,
          outcome.state,
          JSON.stringify(outcome),
          acceptedMs,
          expiresAt,
        );
        open.audit.append(
          this.#entry('command', outcome, { ...facts(outcome), expiresAt, ...holdOf(command) }),
        );
        if (outcome.state !== 'accepted') open.outbox.append(this.#ended(outcome));
      })(),
    );
  }

  /**
   * Marks a command as executing, durably: to be called before the first byte of its bus write. `leaseUntilMs`: the write begins
   * a lease, which a restart then knows of.
   */
  executing(outcome: CommandOutcome, leaseUntilMs?: number): void {
    this.#guard((open) =>
      open.db.transaction(() => {
        open.update.run(outcome.state, JSON.stringify(outcome), null, outcome.commandId);
        if (leaseUntilMs !== undefined) open.standing.keepLease(outcome.device, leaseUntilMs);
        open.audit.append(this.#entry('executing', outcome, { action: outcome.action }));
      })(),
    );
  }

  /** Stores a command's end and its event in one transaction. */
  finish(outcome: CommandOutcome, wire: readonly WireRecord[]): void {
    this.#guard((open) =>
      open.db.transaction(() => {
        open.update.run(outcome.state, JSON.stringify(outcome), JSON.stringify(wire), outcome.commandId);
        open.audit.append(this.#entry('outcome', outcome, { ...facts(outcome), wire }));
        open.outbox.append(this.#ended(outcome));
      })(),
    );
  }

  append(event: NewDeviceEvent): void {
    this.#guard((open) => open.outbox.append(event));
  }

  /** An alarm's change and its event, in one transaction. */
  keepAlarm(event: Extract<NewDeviceEvent, { type: 'alarm' }>): void {
    this.#guard((open) =>
      open.db.transaction(() => {
        open.standing.keepAlarm(event);
        open.outbox.append(event);
      })(),
    );
  }
  alarms(): StandingAlarm[] {
    return this.#guard((open) => open.standing.alarms());
  }

  /** Leases, the fire latch, the audit and what the runtime is told of it change together or not at all. */
  keep(
    entry: NewAuditEntry,
    change: (standing: Standing) => void = () => undefined,
    event?: NewDeviceEvent,
  ): void {
    this.#guard((open) =>
      open.db.transaction(() => {
        change(open.standing);
        open.audit.append(entry);
        if (event) open.outbox.append(event);
      })(),
    );
  }
  /** Epoch milliseconds until which each device is held open. */
  leases(): ReadonlyMap<string, number> {
    return this.#guard((open) => open.standing.leases());
  }
  fire(): ReturnType<Standing['fire']> {
    return this.#guard((open) => open.standing.fire());
  }
  cards(): EnrolledCard[] {
    return this.#guard((open) => open.credentials.list());
  }
  isEnrolled(credential: string, reader: string): boolean {
    return this.#guard((open) => open.credentials.isEnrolled(credential, reader));
  }
  /** Throws `CARDS_FULL`. */
  enrolCard(card: EnrolledCard, by: string): void {
    this.#guard((open) =>
      open.db.transaction(() => {
        if (!open.credentials.keep(card)) throw cardsFull();
        open.audit.append(this.#cardEntry('card-enrolled', card.credential, by, { reader: card.reader }));
      })(),
    );
  }
  /** How many enrolments ended. */
  revokeCard(credential: string, by: string): number {
    return this.#guard((open) =>
      open.db.transaction(() => {
        const ended = open.credentials.revoke(credential);
        if (ended > 0) open.audit.append(this.#cardEntry('card-revoked', credential, by, { ended }));
        return ended;
      })(),
    );
  }
  auditAfter(sequence: number, limit: number): AuditEntry[] {
    return this.#guard((open) => open.audit.after(sequence, limit));
  }
  /** The newest entry's number and hash; 0 while there is none. */
  auditHead(): { readonly sequence: number; readonly hash: string } {
    return this.#guard((open) => open.audit.head());
  }
  verifyAudit(): Promise<AuditVerification> {
    return this.#guard((open) => open.audit.verify());
  }

  eventsAfter(sequence: number, limit: number): DeviceEvent[] {
    return this.#guard((open) => open.outbox.after(sequence, limit));
  }

  /** Forgets events up to and including `upTo`, chunk by chunk, letting other work in between. */
  async acknowledge(upTo: number): Promise<void> {
    while (this.#guard((open) => open.outbox.acknowledge(upTo, chunkRows)) === chunkRows)
      await new Promise((resolve) => setImmediate(resolve));
  }

  #entry(what: AuditEntry['what'], outcome: CommandOutcome, more: AuditEntry['facts']): NewAuditEntry {
    const { device, commandId, origin } = outcome;
    return { at: isoWithOffset(this.#options.clock.epochMs()), what, device, commandId, origin, facts: more };
  }

  #cardEntry(
    what: 'card-enrolled' | 'card-revoked',
    credential: string,
    user: string,
    more: AuditEntry['facts'],
  ): NewAuditEntry {
    const at = isoWithOffset(this.#options.clock.epochMs());
    return { at, what, origin: { channel: 'cli', user }, facts: { credential, ...more } };
  }

  #ended(outcome: CommandOutcome): NewDeviceEvent {
    return { type: 'command', at: isoWithOffset(this.#options.clock.epochMs()), outcome };
  }

  #closeOrphans(open: OpenJournal): number {
    const finishedAt = isoWithOffset(this.#options.clock.epochMs());
    const ended = open.unfinished.all().map((row) => afterCrash(outcomeOf(row), finishedAt));
    open.db.transaction(() => {
      for (const outcome of ended) {
        open.update.run(outcome.state, JSON.stringify(outcome), null, outcome.commandId);
        open.audit.append(this.#entry('outcome', outcome, facts(outcome)));
        open.outbox.append(this.#ended(outcome));
      }
    })();
    return ended.length;
  }

  #prune(): void {
    try {
      const beforeMs = this.#options.clock.epochMs() - keepMs;
      this.#guard((open) => open.prune.run(beforeMs, chunkRows));
    } catch (error) {
      this.#options.log.error('journal-prune-failed', { error });
    }
  }

  #guard<T>(work: (open: OpenJournal) => T): T {
    if (!this.#open) throw new Error('the journal is not open');
    try {
      return work(this.#open);
    } catch (cause) {
      throw explainJournal(this.#options.file, cause);
    }
  }
}

/** An open database with its statements. */
class OpenJournal {
  readonly db: Database.Database;
  readonly outbox: EventOutbox;
  readonly standing: Standing;
  readonly credentials: Credentials;
  readonly audit: AuditChain;
  readonly find: Database.Statement;
  readonly lastMove: Database.Statement;
  readonly insert: Database.Statement;
  readonly update: Database.Statement;
  readonly unfinished: Database.Statement;
  readonly prune: Database.Statement;

  constructor(db: Database.Database) {
    this.db = db;
    this.outbox = new EventOutbox(db);
    this.standing = new Standing(db);
    this.credentials = new Credentials(db);
    this.audit = new AuditChain(db);
    this.find = db.prepare('SELECT outcome FROM commands WHERE command_id = ?');
    this.lastMove = db.prepare(
      `SELECT outcome FROM commands WHERE device = ?
         AND json_extract(outcome, '$.relay') IN ('actuated', iif(action = 'close', 'unknown', 'actuated'))
       ORDER BY accepted_ms DESC LIMIT 1`,
    );
    this.insert = db.prepare(
      `INSERT INTO commands (command_id, device, action, state, outcome, accepted_ms, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.update = db.prepare('UPDATE commands SET state = ?, outcome = ?, wire = ? WHERE command_id = ?');
    this.unfinished = db.prepare(
      "SELECT outcome FROM commands WHERE state IN ('accepted', 'executing') ORDER BY accepted_ms",
    );
    this.prune = db.prepare(
      `DELETE FROM commands WHERE command_id IN (SELECT command_id FROM commands
         WHERE accepted_ms < ? AND state NOT IN ('accepted', 'executing') ORDER BY accepted_ms LIMIT ?)`,
    );
  }
}

/**
 * What a crash left open: `executing` may or may not have moved the relay, so it becomes `unknown` and is never
 * executed again; `accepted` had not reached the bus.
 */
export function afterCrash(outcome: CommandOutcome, finishedAt: string): CommandOutcome {
  const interrupted = { ...outcome, reason: 'INTERRUPTED', feedback: 'unknown', finishedAt } as const;
  return outcome.state === 'executing'
    ? { ...interrupted, state: 'unknown', relay: 'unknown' }
    : { ...interrupted, state: 'rejected', relay: 'not-actuated' };
}

/** What the audit keeps of an outcome besides who and what. */
function facts({ action, state, reason, relay, feedback, tookMs }: CommandOutcome): AuditEntry['facts'] {
  return {
    action,
    state,
    relay,
    feedback,
    ...(reason ? { reason } : {}),
    ...(tookMs === undefined ? {} : { tookMs }),
  };
}

function holdOf({ holdS }: DeviceCommand): AuditEntry['facts'] {
  return holdS === undefined ? {} : { holdS };
}

function outcomeOf(row: unknown): CommandOutcome {
  if (typeof row === 'object' && row !== null && 'outcome' in row)
    return CommandOutcome.parse(JSON.parse(String(row.outcome)));
  throw new TypeError('unexpected row of commands');
}

function cardsFull(): GatehouseError {
  return new GatehouseError(
    'CARDS_FULL',
    'environment',
    `${maxCards} cards are enrolled.`,
    'Revoke those that are not used any more.',
  );
}
