import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { UsersPort } from '@gatehouse/console';
import { ManualClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { usersPortContract } from '../../../console/api/test/users-port-contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'gh-users-'));
const opened = new Map<UsersPort, { readonly store: EventStore; readonly file: string }>();
after(() => {
  for (const { store } of opened.values()) store.stop();
  rmSync(folder, { recursive: true });
});

function open(file: string): UsersPort {
  const store = new EventStore({ file, box: 'box-1', clock: new ManualClock() });
  store.start();
  opened.set(store.accounts, { store, file });
  return store.accounts;
}

usersPortContract(
  'events.db',
  () => open(join(folder, `${opened.size}.db`)),
  (port) => {
    const before = opened.get(port);
    before?.store.stop();
    return open(before?.file ?? '');
  },
);
