import type { AuditVerification } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';
import { AuditChain, type AuditEnd, type AuditRow, entryOf, linkHash } from './audit-chain.ts';
import { type CommandRow, CommandTable, rowHash } from './command-table.ts';

/** A head that was written down elsewhere, and by whom. */
export interface ExpectedHead extends AuditEnd {
  readonly by: 'acknowledged' | 'given';
}

/** Rows that are looked at before other work is let in: some 5 ms. */
const chunk = 500;

/**
 * Where a command's first entry is gone, its next one stands for when it came; no command lives longer than
 * 30 s.
 */
const slackMs = 60_000;

/** Facts in the audit about a command that the table must hold. */
interface Attested {
  readonly row: string;
  readonly acceptedMs: number;
}

/**
 * Holds every entry of the audit against the one before it, every row of `commands` against the entry that
 * was written with it, and the chain against heads that are known from elsewhere. Lets other work in on the
 * way; what is written meanwhile is checked with it.
 */
export async function verifyAudit(
  db: Database.Database,
  expected: readonly ExpectedHead[] = [],
): Promise<AuditVerification> {
  const check = new AuditCheck(db, expected);
  while (!check.step()) await new Promise((resolve) => setImmediate(resolve));
  return check.result();
}

class AuditCheck {
  readonly #chain: AuditChain;
  readonly #commands: CommandTable;
  readonly #expected: readonly ExpectedHead[];
  readonly #attested = new Map<string, Attested>();
  readonly #unattested = new Set<string>();
  readonly #differs = new Map<string, 'changed' | 'inserted'>();
  readonly #anchor: AuditEnd;
  #last: AuditEnd;
  #entries = 0;
  #brokenAt: number | undefined;
  /** A head that the chain does not hold. */
  #missed: ExpectedHead | undefined;
  /**
   * Rows from before this were there before the oldest entry: nothing says how they were. Epoch milliseconds.
   */
  #uncoveredBeforeMs: number | undefined;
  #forgottenBeforeMs = 0;
  #command: string | undefined = '';
  #rows = 0;
  #uncovered = 0;

  constructor(db: Database.Database, expected: readonly ExpectedHead[]) {
    this.#chain = new AuditChain(db);
    this.#commands = new CommandTable(db, () => undefined);
    const acknowledged = this.#chain.end('acknowledged');
    this.#expected = [
      ...expected,
      ...(acknowledged.sequence > 0 ? [{ ...acknowledged, by: 'acknowledged' as const }] : []),
    ];
    this.#anchor = this.#chain.end('anchor');
    this.#last = this.#anchor;
    const { sequence, hash } = this.#anchor;
    this.#missed = this.#expected.find((head) => head.sequence === sequence && head.hash !== hash);
  }

  /** Some of it; true when all has been looked at. */
  step(): boolean {
    if (this.#brokenAt !== undefined) return true;
    if (this.#readEntries()) return false;
    if (this.#command !== undefined) {
      this.#readCommands(this.#command);
      return false;
    }
    return true;
  }

  /** Call right behind the last step, with nothing in between. */
  result(): AuditVerification {
    const entries = this.#entries;
    if (this.#brokenAt !== undefined)
      return { intact: false, entries, why: 'entry', brokenAt: this.#brokenAt };
    // The newest entries may be missing, which no hash of the others shows.
    const head = this.#chain.end('head');
    if (head.sequence !== this.#last.sequence || head.hash !== this.#last.hash)
      return { intact: false, entries, why: 'entry', brokenAt: this.#last.sequence + 1 };
    const missed = this.#missed ?? this.#expected.find(({ sequence }) => sequence > head.sequence);
    if (missed) return { intact: false, entries, why: 'head', head: missed };
    const wrong = this.#wrongCommand();
    if (wrong) return { intact: false, entries, why: 'command', ...wrong };
    const span = entries > 0 ? { first: this.#anchor.sequence + 1, last: this.#last.sequence } : {};
    const commands = { rows: this.#rows, uncovered: this.#uncovered };
    const [acknowledged] = this.#expected.filter(({ by }) => by === 'acknowledged').slice(-1);
    // Older than what is kept, it proves nothing of that.
    const isHeld = acknowledged && acknowledged.sequence >= this.#anchor.sequence;
    const proven = isHeld ? { acknowledged: acknowledged.sequence } : {};
    return { intact: true, entries, head: head.hash, ...span, commands, ...proven };
  }

  /** False when there are no more. */
  #readEntries(): boolean {
    const rows = this.#chain.rows(this.#last.sequence, chunk);
    for (const row of rows) {
      const { sequence, hash } = this.#last;
      if (row.sequence !== sequence + 1 || row.hash !== linkHash(hash, row.sequence, row.body)) {
        this.#brokenAt = sequence + 1;
        return false;
      }
      this.#last = row;
      this.#entries++;
      this.#missed ??= this.#expected.find(
        (head) => head.sequence === row.sequence && head.hash !== row.hash,
      );
      this.#attest(row);
    }
    return rows.length > 0;
  }

  #attest(row: AuditRow): void {
    const entry = entryOf(row);
    if (!entry) return;
    const atMs = Date.parse(entry.at);
    const { what, commandId, facts } = entry;
    if (this.#entries === 1 && this.#anchor.sequence > 0) this.#uncoveredBeforeMs = atMs;
    if (what === 'journal-recovered') {
      // Rows and entries from before were lost apart from each other.
      this.#attested.clear();
      this.#uncoveredBeforeMs = atMs;
    }
    if (what === 'commands-forgotten' && typeof facts.before === 'string')
      this.#forgottenBeforeMs = Math.max(this.#forgottenBeforeMs, Date.parse(facts.before));
    if (commandId === undefined) return;
    // Of an earlier version, or of a command whose row was lost.
    if (typeof facts.row !== 'string') this.#unattested.add(commandId);
    if (typeof facts.row !== 'string') return;
    const acceptedMs = this.#attested.get(commandId)?.acceptedMs ?? atMs;
    this.#attested.set(commandId, { row: facts.row, acceptedMs });
    // A row that was looked at before this entry was written.
    if (this.#differs.has(commandId)) this.#compare(commandId, this.#commands.row(commandId));
  }

  #readCommands(after: string): void {
    const rows = this.#commands.after(after, chunk);
    for (const row of rows) this.#compare(row.command_id, row);
    this.#rows += rows.length;
    this.#command = rows.at(-1)?.command_id;
  }

  #compare(commandId: string, row: CommandRow | undefined): void {
    this.#differs.delete(commandId);
    if (!row) return;
    const attested = this.#attested.get(commandId);
    if (attested && attested.row === rowHash(row)) return;
    const isOld = this.#uncoveredBeforeMs !== undefined && row.accepted_ms <= this.#uncoveredBeforeMs;
    if (!attested && (isOld || this.#unattested.has(commandId))) this.#uncovered++;
    else this.#differs.set(commandId, attested ? 'changed' : 'inserted');
  }

  #wrongCommand(): { commandId: string; is: 'changed' | 'inserted' | 'missing' } | undefined {
    const [differs] = this.#differs;
    if (differs) return { commandId: differs[0], is: differs[1] };
    for (const [commandId, { acceptedMs }] of this.#attested)
      if (acceptedMs >= this.#forgottenBeforeMs + slackMs && !this.#commands.row(commandId))
        return { commandId, is: 'missing' };
    return undefined;
  }
}
