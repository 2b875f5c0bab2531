import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditVerification } from '@gatehouse/contracts';
import { errorOf, systemCode } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { type ExpectedHead, verifyAudit } from './audit-check.ts';
import { explainJournal } from './database.ts';
import { migrations } from './schema.ts';

/**
 * Verifies the audit of a drivers.db that lies somewhere: a copy, or the file of a stopped box. Needs no
 * service and changes nothing: it works on a copy of its own, with the write-ahead log if one lies beside it.
 * Throws `JOURNAL_*` and `AUDIT_FILE_*`.
 */
export async function verifyJournalFile(
  file: string,
  expected: readonly ExpectedHead[] = [],
): Promise<AuditVerification> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-audit-'));
  let db: Database.Database | undefined;
  try {
    refuseInUse(file);
    const copy = join(folder, 'drivers.db');
    copyFileSync(file, copy);
    if (existsSync(`${file}-wal`)) copyFileSync(`${file}-wal`, `${copy}-wal`);
    db = new Database(copy);
    refuseOther(db, file);
    return await verifyAudit(db, expected);
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT')
      throw errorOf(
        'AUDIT_FILE_MISSING',
        { file },
        {
          cause,
        },
      );
    throw explainJournal(file, cause);
  } finally {
    db?.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that the service writes is copied neither whole nor at one moment. */
function refuseInUse(file: string): void {
  if (!existsSync(`${file}-wal`)) return;
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
  } catch (cause) {
    if (systemCode(cause) !== 'SQLITE_BUSY') return;
    throw errorOf('AUDIT_FILE_IN_USE', { file }, { cause });
  } finally {
    db.close();
  }
}

function refuseOther(db: Database.Database, file: string): void {
  const found = Number(db.pragma('user_version', { simple: true }));
  const tables = db
    .prepare("SELECT count(*) FROM sqlite_schema WHERE name IN ('audit', 'audit_ends')")
    .pluck();
  if (tables.get() !== 2) throw errorOf('AUDIT_FILE_OTHER', { file });
  if (found > migrations.length)
    throw errorOf('AUDIT_FILE_TOO_NEW', { file, found, known: migrations.length });
}
