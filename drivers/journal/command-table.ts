import { createHash } from 'node:crypto';
import { CommandOutcome } from '@gatehouse/contracts';
import { isoWithOffset } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { type CommandFact, type EndedFact, type ExecutingFact, isOpen } from './fact.ts';

export interface CommandRow {
  readonly command_id: string;
  readonly device: string;
  readonly action: string;
  readonly state: string;
  readonly outcome: string;
  readonly wire: string | null;
  readonly accepted_ms: number;
  readonly expires_at: string;
}

/** The `commands` table: where each command stands. Each method runs inside the caller's transaction. */
export class CommandTable {
  readonly #statements: ReturnType<typeof prepare>;
  readonly #unreadable: (what: string) => void;

  /** @param unreadable told of each row that is no outcome: it stays, and is never executed again. */
  constructor(db: Database.Database, unreadable: (what: string) => void) {
    this.#statements = prepare(db);
    this.#unreadable = unreadable;
  }

  insert({ outcome, acceptedMs, expiresAt }: CommandFact): string {
    const { commandId, device, action, state } = outcome;
    const text = JSON.stringify(outcome);
    this.#statements.insert.run(commandId, device, action, state, text, acceptedMs, expiresAt);
    return this.#hash(commandId);
  }

  /** The hash of the row as it is now; nothing if there is none. */
  update({ outcome, ...rest }: ExecutingFact | EndedFact): string | undefined {
    const wire = 'wire' in rest ? JSON.stringify(rest.wire) : null;
    const { changes } = this.#statements.update.run(
      outcome.state,
      JSON.stringify(outcome),
      wire,
      outcome.commandId,
    );
    return changes > 0 ? this.#hash(outcome.commandId) : undefined;
  }

  /** A row of which nothing can be read is an outcome too: that id was taken. */
  find(commandId: string): CommandOutcome | undefined {
    const row = this.row(commandId);
    return row && (this.#outcomeOf(row) ?? { ...unreadable, commandId });
  }

  /**
   * The last order that was sent to a device, as far as the table reaches back: a close counts even if nobody
   * answered it, anything else only if its relay was read as closed.
   */
  lastMove(device: string): CommandOutcome['action'] | undefined {
    const row = this.#statements.lastMove.get(device) as CommandRow | undefined;
    return row && this.#outcomeOf(row)?.action;
  }

  unfinished(): CommandOutcome[] {
    return (this.#statements.unfinished.all() as CommandRow[]).flatMap((row) => this.#outcomeOf(row) ?? []);
  }

  after(commandId: string, limit: number): CommandRow[] {
    return this.#statements.page.all(commandId, limit) as CommandRow[];
  }
  row(commandId: string): CommandRow | undefined {
    return this.#statements.find.get(commandId) as CommandRow | undefined;
  }

  /** Deletes some of the commands that came before a time; up to which, and how many. */
  forget(beforeMs: number, limit: number): { readonly upToMs: number; readonly count: number } {
    const old = this.#statements.old.all(beforeMs, limit) as Pick<CommandRow, 'command_id' | 'accepted_ms'>[];
    for (const { command_id } of old) this.#statements.remove.run(command_id);
    return { upToMs: old.at(-1)?.accepted_ms ?? 0, count: old.length };
  }

  #hash(commandId: string): string {
    return rowHash(this.#statements.find.get(commandId) as CommandRow);
  }

  /** Of a row whose outcome cannot be read, what its other columns say. */
  #outcomeOf(row: CommandRow): CommandOutcome | undefined {
    const found = outcomeOf(row.outcome);
    if (found) return found;
    this.#unreadable(`command ${row.command_id}`);
    const { command_id: commandId, device, action, state, accepted_ms: acceptedMs } = row;
    return CommandOutcome.safeParse({
      ...{ ...unreadable, commandId, device, action, acceptedAt: isoWithOffset(acceptedMs) },
      state: isOpen({ state: state as CommandOutcome['state'] }) ? state : 'unknown',
    }).data;
  }
}

const unreadable: Omit<CommandOutcome, 'commandId'> = {
  ...{ device: 'unknown', action: 'open', origin: { channel: 'box', user: 'unknown' } },
  ...{ state: 'unknown', reason: 'RECORD_UNREADABLE', relay: 'unknown', feedback: 'unknown' },
  acceptedAt: isoWithOffset(0),
};

function outcomeOf(text: string): CommandOutcome | undefined {
  try {
    return CommandOutcome.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** SHA-256 over all of a row: its audit entry holds it, so that an edit of the row shows. */
export function rowHash(row: CommandRow): string {
  const { command_id, device, action, state, outcome, wire, accepted_ms, expires_at } = row;
  const text = JSON.stringify([command_id, device, action, state, outcome, wire, accepted_ms, expires_at]);
  return createHash('sha256').update(text).digest('hex');
}

function prepare(db: Database.Database) {
  return {
    insert: db.prepare(
      `INSERT INTO commands (command_id, device, action, state, outcome, accepted_ms, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    update: db.prepare('UPDATE commands SET state = ?, outcome = ?, wire = ? WHERE command_id = ?'),
    find: db.prepare('SELECT * FROM commands WHERE command_id = ?'),
    page: db.prepare('SELECT * FROM commands WHERE command_id > ? ORDER BY command_id LIMIT ?'),
    // Of a row that cannot be read it is not known whether the relay moved.
    lastMove: db.prepare(
      `SELECT * FROM commands WHERE device = ?
         AND iif(json_valid(outcome), json_extract(outcome, '$.relay'), 'unknown')
           IN ('actuated', iif(action = 'close', 'unknown', 'actuated'))
       ORDER BY accepted_ms DESC LIMIT 1`,
    ),
    unfinished: db.prepare(
      "SELECT * FROM commands WHERE state IN ('accepted', 'executing') ORDER BY accepted_ms",
    ),
    old: db.prepare(
      `SELECT command_id, accepted_ms FROM commands
         WHERE accepted_ms < ? AND state NOT IN ('accepted', 'executing') ORDER BY accepted_ms LIMIT ?`,
    ),
    remove: db.prepare('DELETE FROM commands WHERE command_id = ?'),
  };
}
