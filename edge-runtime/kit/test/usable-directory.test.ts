import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { listenOnSocket, makeUsable, runDir, stateDir } from '@gatehouse/kit';

const dir = mkdtempSync(join(tmpdir(), 'usable-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const asRoot = process.getuid?.() === 0 ? false : 'needs root to mount a disk or to become another user';
const kit = JSON.stringify(pathToFileURL(join(import.meta.dirname, '..', 'index.ts')).href);
const script = `const { describeError, makeUsable } = await import(${kit});
  try { makeUsable(process.argv[1], 'GATEHOUSE_STATE_DIR'); process.stdout.write('usable'); }
  catch (error) { process.stdout.write(describeError(error)); }`;

/**
 * The output of a process that wants to use a directory. The process is started with `before`; `$0` is the
 * directory.
 */
function said(directory: string, before: readonly string[] = []): string {
  const [command = '', ...args] = [
    ...before,
    process.execPath,
    '--input-type=module',
    '-e',
    script,
    directory,
  ];
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  return stdout || stderr;
}

const mounted = (how: string, folder: string) => [
  ...['unshare', '--mount', 'sh', '-c', `${how} && exec "$@"`, folder],
];

test('a directory is made, private to its owner and group, and nothing is left in it', () => {
  const made = join(dir, 'a', 'b');
  makeUsable(made, 'GATEHOUSE_STATE_DIR');
  assert.equal(statSync(made).mode & 0o7777, 0o750);
  assert.deepEqual(readdirSync(made), []);
});

test('a file in its place, or in that of a directory above it, is named', () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  for (const path of [file, join(file, 'below', 'it')])
    assert.throws(() => makeUsable(path, 'GATEHOUSE_STATE_DIR'), {
      code: 'DIRECTORY_UNUSABLE',
      message: new RegExp(`^${path} cannot be used: ${file} is a file\\.`),
      remedy: 'Move that file away, or set GATEHOUSE_STATE_DIR to another directory.',
    });
});

test('a link to nothing is called one', () => {
  const link = join(dir, 'link');
  symlinkSync(join(dir, 'nowhere', 'at', 'all'), link);
  assert.throws(() => makeUsable(join(link, 'below'), 'GATEHOUSE_STATE_DIR'), {
    message: /a link on the way leads to nothing/,
  });
});

test('a read-only, a full and a foreign directory are told apart', { skip: asRoot }, () => {
  const disk = join(dir, 'disk');
  mkdirSync(disk);
  const readOnly = mounted('mount -t tmpfs -o ro none "$0"', disk);
  for (const path of [disk, join(disk, 'below')])
    assert.match(said(path, readOnly), /^DIRECTORY_UNUSABLE: .*its disk is read-only\. Make it writable/);
  const full = mounted(
    'mount -t tmpfs -o size=4k none "$0" && { yes > "$0/all" 2>/dev/null || true; }',
    disk,
  );
  assert.match(said(disk, full), /its disk is full\. Free some space/);
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  assert.match(said(join(dir, 'theirs'), nobody), /this user may not write there\./);
  assert.ok(!existsSync(join(dir, 'theirs')));
});

test('a socket whose directory cannot be made says so, and names the variable', async () => {
  const file = join(dir, 'run-file');
  writeFileSync(file, '');
  await assert.rejects(listenOnSocket(createServer(), join(file, 'drivers', 'runtime', 'api.sock')), {
    code: 'DIRECTORY_UNUSABLE',
    remedy: /GATEHOUSE_RUN_DIR/,
  });
});

test('a variable that is set to nothing is as one that is not set', () => {
  assert.equal(stateDir({ GATEHOUSE_STATE_DIR: '' }), stateDir({}));
  assert.equal(runDir({ GATEHOUSE_STATE_DIR: '', GATEHOUSE_RUN_DIR: '' }), runDir({}));
});
