import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { closeServer } from '@gatehouse/harness';
import { listenOnSocket } from '@gatehouse/kit';

/**
 * `<run>` as somebody else may have left it in /tmp before the first start. The service's socket goes two
 * levels below.
 */
function runDirectory(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-run-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const run = join(folder, 'run');
  mkdirSync(run);
  return { run, folder, socket: join(run, 'drivers', 'runtime', 'api.sock') };
}

const unsafe = { code: 'SOCKET_DIRECTORY_UNSAFE', message: /run/ };

test('a socket is not put where others may replace it', async (t) => {
  const { run, socket } = runDirectory(t);
  chmodSync(run, 0o777);
  await assert.rejects(listenOnSocket(createServer(), socket), unsafe);
});

test('nor below a directory that belongs to another user', {
  skip: process.getuid?.() === 0 ? false : 'needs root to make one',
}, async (t) => {
  const { run, socket } = runDirectory(t);
  chownSync(run, 65_534, 65_534);
  await assert.rejects(listenOnSocket(createServer(), socket), unsafe);
});

test('nor through a link', async (t) => {
  const { run, folder } = runDirectory(t);
  symlinkSync(run, join(folder, 'run-link'));
  const socket = join(folder, 'run-link', 'drivers', 'runtime', 'api.sock');
  await assert.rejects(listenOnSocket(createServer(), socket), unsafe);
});

test('a directory in which others may add files but not replace them will do, as /tmp is', async (t) => {
  const { run, socket } = runDirectory(t);
  chmodSync(run, 0o1777);
  const server = createServer();
  await listenOnSocket(server, socket);
  await closeServer(server);
});
