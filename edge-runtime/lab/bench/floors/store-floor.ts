/**
 * Floor of the store's bench: the same rows in raw SQLite (better-sqlite3, WAL, FULL), one table, no product.
 * Imports nothing of it.
 */
import Database from 'better-sqlite3';

/** Milliseconds of each step of a kind, unless it says otherwise. */
export interface StoreFloor {
  /** Rows a second in transactions of 200. */
  readonly groupedPerS: number;
  readonly open: number;
  /** Reads of 100 rows with their bodies parsed, spread over the table. */
  readonly batches: readonly number[];
  /** Deletions of 500 rows, a transaction each. */
  readonly deletes: readonly number[];
}

/** A raw table in a file of its own; `write` commits one row. */
export function rawWriter(file: string, body: string): { write(): void; close(): void } {
  const db = open(file);
  db.exec('CREATE TABLE raw (sequence INTEGER PRIMARY KEY, body TEXT) STRICT');
  const insert = db.prepare('INSERT INTO raw (body) VALUES (?)');
  return { write: () => void insert.run(body), close: () => void db.close() };
}

/** Fills `file` with `rows` rows of `body` and measures on it. */
export function storeFloor(file: string, rows: number, body: string): StoreFloor {
  let db = open(file);
  db.exec(
    'CREATE TABLE raw (class TEXT, sequence INTEGER, body TEXT, PRIMARY KEY (class, sequence)) STRICT, WITHOUT ROWID',
  );
  const insert = db.prepare("INSERT INTO raw VALUES ('a', ?, ?)");
  let last = 0;
  const group = db.transaction(() => {
    for (let n = 0; n < 200; n++) insert.run(++last, body);
  });
  const beganMs = performance.now();
  const before = last;
  while (last < rows) group();
  const groupedPerS = ((last - before) / (performance.now() - beganMs)) * 1000;
  db.close();
  const openingMs = performance.now();
  db = open(file);
  db.prepare("SELECT body FROM raw WHERE class = 'a' AND sequence > ? LIMIT 1").get(0);
  const openMs = performance.now() - openingMs;
  const read = db
    .prepare("SELECT body FROM raw WHERE class = 'a' AND sequence > ? ORDER BY sequence LIMIT 100")
    .pluck();
  const batches = each(300, (n) => {
    for (const text of read.all(Math.floor((n / 300) * (last - 100)))) JSON.parse(String(text));
  });
  const remove = db.prepare("DELETE FROM raw WHERE class = 'a' AND sequence <= ?");
  const deletes = each(200, (n) => remove.run((n + 1) * 500));
  db.close();
  return { groupedPerS, open: openMs, batches, deletes };
}

function open(file: string): Database.Database {
  const db = new Database(file);
  db.pragma('locking_mode = EXCLUSIVE');
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  return db;
}

function each(count: number, step: (n: number) => unknown): number[] {
  return Array.from({ length: count }, (_, n) => {
    const beganMs = performance.now();
    step(n);
    return performance.now() - beganMs;
  });
}
