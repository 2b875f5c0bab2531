import { join } from 'node:path';
import { after, before, type TestContext } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { silentLog } from '@gatehouse/kit';
import { openReceiverStore } from '../../receiver/open-store.ts';
import type { ArrivedList } from '../../receiver/queries.ts';
import { openReader } from '../../receiver/reader.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';

/** Makes an empty store for a receiver and gives its address. */
export type MakeDatabase = (t: TestContext) => string;

/** A PostgreSQL for all tests of a file, which calls this at its top: a server each costs two seconds. */
export function sharedPostgres(): MakeDatabase {
  const atEnd: (() => void)[] = [];
  let server: TestPostgres | undefined;
  before(() => {
    server = startPostgres({ after: (done) => atEnd.push(done as () => void) });
  });
  after(() => {
    for (const done of atEnd) done();
  });
  return () => {
    if (!server) throw new Error('PostgreSQL has not been started');
    return server.database();
  };
}

/** Both kinds, for a file whose tests hold on each; called at its top. */
export function bothDatabases(): Readonly<Record<'SQLite' | 'PostgreSQL', MakeDatabase>> {
  return { SQLite: (t) => join(scratchFolder(t), 'receiver.db'), PostgreSQL: sharedPostgres() };
}

/** A receiver's store at an address, and what is listed from it; both closed after the test. */
export async function openStore(t: TestContext, db: string) {
  const store = await openReceiverStore(db, silentLog);
  const reader = openReader(db);
  t.after(async () => {
    await store.close();
    await reader.close();
  });
  return { store, list: (name: ArrivedList, most = 1000) => reader.list(name, most) };
}
