import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { systemCode, writeDurably } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { applyLog } from './write-ahead-log.ts';

const pageBytes = 4096;

/** The path of a database's map. */
const mapOf = (file: string) => `${file}.roots`;

/**
 * Keeps the first page of each table beside the file. SQLite has this list on its first pages only. With one
 * of them damaged, not even whole tables could be read. Written when it changes, which is after a migration.
 */
export function keepSchemaMap(db: Database.Database, file: string): void {
  const rows = db
    .prepare("SELECT name, rootpage FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_stat%'")
    .all() as { name: string; rootpage: number }[];
  const roots = Object.fromEntries(rows.map(({ name, rootpage }) => [name, rootpage]));
  const text = JSON.stringify({ version: Number(db.pragma('user_version', { simple: true })), roots });
  if (existsSync(mapOf(file)) && readFileSync(mapOf(file), 'utf8') === text) return;
  writeDurably(mapOf(file), text, 0o640);
}

/**
 * A copy of a database whose list of tables is damaged. Its log is applied, and its first page is made anew
 * from the map, so every table can be opened again, without indexes. `like` is a sound database of the same
 * version. `undefined` if there is no map of that version.
 */
export function withSchemaOf(like: Database.Database, file: string): string | undefined {
  const version = Number(like.pragma('user_version', { simple: true }));
  const roots = readMap(file, version);
  const first = roots && firstPage(like, roots, `${file}.first`);
  if (!first) return undefined;
  const bytes = applyLog(
    readFileSync(file),
    existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : undefined,
  );
  // SQLite file format 1.3: the size in pages stands at 28, and is valid because 24 and 92 are equal.
  first.writeUInt32BE(Math.floor(bytes.length / pageBytes), 28);
  first.copy(bytes);
  const spliced = `${file}.spliced`;
  writeFileSync(spliced, bytes, { mode: 0o600 });
  return spliced;
}

/**
 * The first page of a database that has these tables on these pages; `undefined` if they do not fit on it.
 */
function firstPage(
  like: Database.Database,
  roots: Readonly<Record<string, number>>,
  scratch: string,
): Buffer | undefined {
  rmSync(scratch, { force: true });
  const db = new Database(scratch);
  try {
    db.pragma(`page_size = ${pageBytes}`);
    db.unsafeMode(true);
    db.pragma('writable_schema = ON');
    const put = db.prepare("INSERT INTO sqlite_schema VALUES ('table', ?, ?, ?, ?)");
    for (const [name, root] of Object.entries(roots)) put.run(name, name, root, plainTable(like, name));
    db.close();
    const bytes = readFileSync(scratch);
    return bytes.length === pageBytes ? bytes : undefined;
  } finally {
    db.close();
    rmSync(scratch, { force: true });
  }
}

/** The table with its columns as they are stored, and no index: an index would have to be listed, too. */
function plainTable(like: Database.Database, table: string): string {
  const columns = like.pragma(`table_info(${table})`) as {
    name: string;
    type: string;
    dflt_value: string | null;
    pk: number;
  }[];
  if (table === 'sqlite_sequence') return 'CREATE TABLE sqlite_sequence(name,seq)';
  const [list] = like.pragma(`table_list(${table})`) as { wr: number }[];
  const keys = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  const isNumber = keys.length === 1 && keys[0]?.type === 'INTEGER';
  const parts = columns.map(({ name, type, dflt_value, pk }) =>
    [name, type, isNumber && pk ? 'PRIMARY KEY' : '', dflt_value === null ? '' : `DEFAULT ${dflt_value}`]
      .filter((word) => word !== '')
      .join(' '),
  );
  if (list?.wr !== 1) return `CREATE TABLE ${table}(${parts.join(',')})`;
  return `CREATE TABLE ${table}(${parts.join(',')},PRIMARY KEY(${keys.map(({ name }) => name).join(',')}))WITHOUT ROWID`;
}

/** The map's roots if it is whole and of this version. */
function readMap(file: string, version: number): Record<string, number> | undefined {
  try {
    const map: unknown = JSON.parse(readFileSync(mapOf(file), 'utf8'));
    if (typeof map !== 'object' || map === null || !('roots' in map) || !('version' in map)) return undefined;
    if (map.version !== version || typeof map.roots !== 'object' || map.roots === null) return undefined;
    const roots = Object.entries(map.roots).filter(([, root]) => Number.isInteger(root) && Number(root) >= 2);
    return Object.fromEntries(roots);
  } catch (error) {
    if (error instanceof SyntaxError || systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
