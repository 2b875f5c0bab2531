/**
 * The store's process whose writes are traced: commits incidents and says each number on its standard output
 * after the commit has returned, then dies without closing anything. argv: file, commits, `FULL` or another
 * setting for the file.
 */
import { writeSync } from 'node:fs';
import { ManualClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { opening } from '../fixtures.ts';

const [, , file = '', commits = '0', synchronous = 'FULL'] = process.argv;
if (synchronous !== 'FULL') {
  // The store sets FULL and reads it back. Here the connection lies: it has the other setting.
  const { pragma } = Database.prototype;
  Database.prototype.pragma = function (this: Database.Database, source: string, options?: object) {
    if (source === 'synchronous') return 2;
    return pragma.call(this, source.replace('synchronous = FULL', `synchronous = ${synchronous}`), options);
  } as typeof pragma;
}
const store = new EventStore({ file, box: 'box-1', clock: new ManualClock() });
store.start();
for (let n = 1; n <= Number(commits); n++) {
  const write = opening();
  store.commit([{ ...write, dedupeKey: `n-${n}` }], { camera: 'east', state: n });
  writeSync(1, `${n}\n`);
}
if (Number(commits) > 0) process.kill(process.pid, 'SIGKILL');
store.stop();
