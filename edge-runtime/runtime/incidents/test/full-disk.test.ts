import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../test/fixtures.ts';

test('a disk that is really full is visible with its remedy, and the incident is there once space is free', (t) => {
  const disk = temporaryFolder(t);
  const script = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" "$3" "$1"';
  const args = [
    '--mount',
    'sh',
    '-c',
    script,
    'sh',
    disk,
    process.execPath,
    join(import.meta.dirname, 'full-disk.ts'),
  ];
  // Without root a user namespace lends the right to mount, inside it only.
  const asUser = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  const said = JSON.parse(
    execFileSync('unshare', [...asUser, ...args], { encoding: 'utf8', timeout: 60_000 }),
  );
  assert.match(said.whileFull[0].detail, /STORE_FULL: no space left for .*events\.db\. Free space/);
  assert.equal(said.login, 'STORE_FULL', 'and so does whoever logs in meanwhile');
  assert.deepEqual(said.after, []);
  assert.equal(said.opened, 1);
});
