/** Worker of `checkFile`: a full check reads every page, which would block the main thread. */
import { parentPort, workerData } from 'node:worker_threads';
import Database from 'better-sqlite3';

/** Lines of `integrity_check` at most: a badly damaged file has one for each row. */
const mostLines = 20;

parentPort?.postMessage(check(String(workerData)));

function check(file: string): string[] {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    const lines = db.pragma(`integrity_check(${mostLines})`) as { integrity_check: string }[];
    const orphans = db.pragma('foreign_key_check') as { table: string; parent: string }[];
    return [
      ...lines.map((line) => line.integrity_check).filter((line) => line !== 'ok'),
      ...orphans.slice(0, mostLines).map(({ table, parent }) => `a row of ${table} misses its ${parent}`),
    ];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    db?.close();
  }
}
