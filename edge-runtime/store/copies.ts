import { rmSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { StoreVerification } from '@gatehouse/contracts';
import { errorOf, syncPath } from '@gatehouse/kit';
import Database from 'better-sqlite3';

/** Pages copied at a time: 256 kB, about a millisecond. Between two copies everything else goes on. */
const pagesAStep = 64;

/** Checks every page, index and reference of a database file without a writer, in a thread of its own. */
export function checkFile(file: string): Promise<StoreVerification> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./check-worker.ts', import.meta.url), { workerData: file });
    worker.once('message', (problems: string[]) =>
      resolve({ intact: problems.length === 0, problems, bytes: statSync(file).size }),
    );
    worker.on('error', reject);
    worker.once('exit', (code) => reject(new Error(`the check ended with ${code} and said nothing`)));
  });
}

/**
 * Copies a database that is in use (SQLite's online backup), in small steps, into one file that needs no log
 * beside it. Durable when it resolves. Throws `STORE_NO_ROOM_TO_COPY`; leaves nothing behind then.
 */
export async function copyDatabase(db: Database.Database, file: string, to: string): Promise<void> {
  const { bavail, bsize } = statfsSync(dirname(to));
  if (bavail * bsize < statSync(file).size * 1.1)
    throw errorOf('STORE_NO_ROOM_TO_COPY', { file, folder: dirname(to) });
  rmSync(to, { force: true });
  try {
    await db.backup(to, { progress: () => pagesAStep });
    const copy = new Database(to);
    copy.pragma('journal_mode = DELETE');
    copy.close();
    syncPath(to);
  } catch (error) {
    rmSync(to, { force: true });
    throw error;
  }
}
