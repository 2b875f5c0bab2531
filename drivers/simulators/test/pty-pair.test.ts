import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PtyPair } from '../pty-pair.ts';

/** Makes its links at once, as socat does, and its ends raw only later, as socat does on a busy machine. */
const slowSocat = `#!/bin/sh
for end in "$@"; do case $end in *link=*) ln -s /dev/null "\${end##*link=}";; esac; done
sleep 0.3
touch "$(dirname "$0")/raw"
echo '2026/11/23 03:00:00 socat[1] N starting data transfer loop with FDs [5,5] and [7,7]' >&2
exec sleep 60
`;

async function folder(t: { after(fn: () => Promise<void>): void }): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'gh-cable-'));
  t.after(() => rm(made, { recursive: true, force: true }));
  return made;
}

test('a cable has started only when socat carries bytes, not when its names exist', async (t) => {
  const bin = await folder(t);
  await writeFile(join(bin, 'socat'), slowSocat);
  await chmod(join(bin, 'socat'), 0o755);
  const path = process.env.PATH;
  t.after(() => {
    process.env.PATH = path;
  });
  process.env.PATH = `${bin}:${path}`;
  const cable = new PtyPair(join(bin, 'line'));
  t.after(() => cable.stop());
  await cable.start();
  assert.ok(existsSync(join(bin, 'raw')));
});

test('a cable passes bytes as they are from its first byte on: line ends, XOFF and end-of-file too', async (t) => {
  const cable = new PtyPair(join(await folder(t), 'line'));
  await cable.start();
  t.after(() => cable.stop());
  const sent = Buffer.from([0x0a, 0x13, 0x04, 0x11, 0x0d, 0xff]);
  const [near, far] = [await open(cable.path, 'r+'), await open(cable.farPath, 'r+')];
  t.after(() => Promise.all([near.close(), far.close()]));
  await far.write(sent);
  const got = Buffer.alloc(sent.length);
  for (let at = 0; at < got.length; ) at += (await near.read(got, at, got.length - at)).bytesRead;
  assert.deepEqual(got, sent);
});
