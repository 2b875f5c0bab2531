import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '@gatehouse/kit';
import { temporaryFolder } from '../../test/fixtures.ts';
import { deviceKey } from '../device-key.ts';

test('the key that browsers are known by outlives a restart and is its owner’s alone', (t) => {
  const file = join(temporaryFolder(t), 'console-device-key');
  const key = deviceKey(file, silentLog);
  assert.equal(key.length, 32);
  assert.deepEqual(deviceKey(file, silentLog), key);
  assert.equal(statSync(file).mode & 0o777, 0o600);
});

test('a damaged key, or a disk that keeps none, does not keep the box from starting', (t) => {
  const folder = temporaryFolder(t);
  const damaged = join(folder, 'damaged');
  writeFileSync(damaged, 'short');
  const made = deviceKey(damaged, silentLog);
  assert.equal(made.length, 32);
  assert.deepEqual(deviceKey(damaged, silentLog), made);
  const unreadable = join(folder, 'folder');
  mkdirSync(unreadable);
  assert.equal(deviceKey(unreadable, silentLog).length, 32);
});
