import { chownSync, copyFileSync, existsSync, rmSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { EventClass, Id } from '@gatehouse/contracts';
import {
  errorOf,
  finishReplacing,
  isoWithOffset,
  openDurable,
  readyToReplace,
  syncPath,
  systemCode,
} from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { checkFile, copyDatabase } from './copies.ts';
import { beginNewEpoch, type Loss } from './new-epoch.ts';
import { type Recovery, recoverDatabase } from './recover.ts';
import { migrations } from './schema.ts';

export interface Restored {
  /** The present place of the earlier file; absent if there was none. */
  readonly aside?: string;
  readonly epoch: string;
}

export interface RestoreOptions {
  /** events.db of a box that is stopped. */
  readonly file: string;
  /** A backup, or a copy from before a migration. */
  readonly from: string;
  /** The box's id, for a backup without it. */
  readonly box?: string;
  readonly nowMs: number;
}

/**
 * Puts a backup in the place of events.db: checked first, brought to the newest schema, made a new epoch (its
 * numbers would come twice), and only then exchanged; the earlier file is kept beside it. Throws `RESTORE_*`
 * and `STORE_*`; then nothing has changed.
 */
export async function restoreDatabase({ file, from, box, nowMs }: RestoreOptions): Promise<Restored> {
  assertStopped(file);
  await assertSound(from);
  const part = `${file}.restoring`;
  removeDatabase(part);
  copyFileSync(from, part);
  const db = openDurable((path) => new Database(path), { file: part, code: 'STORE', migrations });
  let epoch: string;
  try {
    const id = Id.safeParse(db.prepare("SELECT value FROM meta WHERE key = 'box'").pluck().get() ?? box);
    if (!id.success) throw errorOf('RESTORE_NO_BOX', { file: from });
    // Events after the backup are not in it, and nobody knows how many there were.
    const losses = Object.fromEntries(EventClass.options.map((one): [string, Loss] => [one, {}]));
    epoch = beginNewEpoch(db, id.data, nowMs, losses).epoch;
    const at = isoWithOffset(nowMs);
    const what = `store-restored from ${basename(from)}`;
    db.prepare('INSERT INTO audit (at, who, what, body, at_ms) VALUES (?, ?, ?, ?, ?)').run(
      ...[at, 'gatehouse', what, JSON.stringify({ at, who: 'gatehouse', what }), Math.round(nowMs)],
    );
    db.pragma('wal_checkpoint(TRUNCATE)');
  } finally {
    db.close();
  }
  likeItsFolder(part);
  readyToReplace(part, file, 'before-restore');
  const hadOne = existsSync(file);
  const aside = finishReplacing(file, nowMs);
  for (let version = 1; version < migrations.length; version++)
    rmSync(`${part}.schema-${version}.bak`, { force: true });
  return { epoch, ...(hadOne && aside !== undefined ? { aside } : {}) };
}

/** Makes a stopped box's file anew with every readable row, whatever a check says. */
export function recoverStopped(file: string, box: string | undefined, nowMs: number): Recovery {
  assertStopped(file);
  if (!existsSync(file)) throw errorOf('RESTORE_NO_FILE', { file });
  const id = Id.safeParse(readBox(file) ?? box);
  if (!id.success) throw errorOf('RESTORE_NO_BOX', { file });
  const recovery = recoverDatabase(file, id.data, nowMs);
  likeItsFolder(file);
  return recovery;
}

/** Copies a stopped box's file. */
export async function copyStopped(file: string, to: string): Promise<void> {
  assertStopped(file);
  if (!existsSync(file)) throw errorOf('RESTORE_NO_FILE', { file });
  const db = new Database(file, { readonly: true });
  try {
    await copyDatabase(db, file, to);
  } finally {
    db.close();
  }
}

/** Throws `STORE_TAKEN` while a runtime has the file. */
export function assertStopped(file: string): void {
  if (!existsSync(file)) return;
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 200 });
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE; ROLLBACK');
  } catch (error) {
    // Nobody can lock a damaged file.
    if (systemCode(error)?.startsWith('SQLITE_BUSY'))
      throw errorOf('STORE_TAKEN/file', { file }, { cause: error });
    if (!/^SQLITE_(CORRUPT|NOTADB)/.test(systemCode(error) ?? '')) throw error;
  } finally {
    db?.close();
  }
}

async function assertSound(from: string): Promise<void> {
  if (!existsSync(from)) throw errorOf('RESTORE_NO_FILE/backup', { file: from });
  const { intact, problems } = await checkFile(from);
  if (!intact) throw errorOf('RESTORE_DAMAGED', { file: from, problem: problems[0]?.slice(0, 120) });
  const db = new Database(from, { readonly: true });
  try {
    const version = Number(db.pragma('user_version', { simple: true }));
    const isOurs = db
      .prepare("SELECT count(*) FROM sqlite_schema WHERE name IN ('meta', 'incidents', 'outbox_heads')")
      .pluck()
      .get();
    if (isOurs !== 3 || version < 1) throw errorOf('RESTORE_NO_BACKUP', { file: from });
    if (version > migrations.length)
      throw errorOf('RESTORE_TOO_NEW', { file: from, found: version, known: migrations.length });
  } finally {
    db.close();
  }
}

function readBox(file: string): unknown {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true });
    return db.prepare("SELECT value FROM meta WHERE key = 'box'").pluck().get();
  } catch (error) {
    if (!systemCode(error)?.startsWith('SQLITE_')) throw error;
    return undefined;
  } finally {
    db?.close();
  }
}

/** Run by root, the new file would be root's, and the service could not open it. */
function likeItsFolder(file: string): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dirname(file));
  chownSync(file, uid, gid);
  syncPath(file);
}

function removeDatabase(file: string): void {
  for (const end of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${end}`, { force: true });
}
