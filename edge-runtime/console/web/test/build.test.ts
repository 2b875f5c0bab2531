import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const dir = mkdtempSync(join(tmpdir(), 'pages-'));
const dist = join(dir, 'dist');
after(() => rmSync(dir, { recursive: true, force: true }));

const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, '..', 'build.ts')).href);
const script = `const { ensureBuilt } = await import(${module});
  process.stdout.write(String(await ensureBuilt(process.argv[1])));`;

/** Starts a program that wants the pages; `built` is true if it was the one that built them. */
function program() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script, dist], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  return { child, built: once(child, 'close').then(() => output) };
}

const parts = () => globSync(`${dist}.part-*`);

test('of two programs that start together one builds the pages, and both find them', async () => {
  const both = [program(), program()];
  const built = await Promise.all(both.map((one) => one.built));
  assert.deepEqual(built.toSorted(), ['false', 'true']);
  assert.ok(existsSync(join(dist, 'index.html')));
  assert.equal(statSync(dist).mode & 0o777, 0o755, 'for whoever runs the console');
  assert.deepEqual(parts(), []);
});

test('a build that is broken off leaves the pages of before, and the next one builds', async () => {
  rmSync(dist, { recursive: true });
  mkdirSync(dist);
  writeFileSync(join(dist, 'index.html'), 'of before');
  const { child, built } = program();
  while (parts().length === 0 && child.exitCode === null) await delay(5);
  child.kill('SIGKILL');
  await built;
  assert.equal(readFileSync(join(dist, 'index.html'), 'utf8'), 'of before');
  assert.equal(await program().built, 'true');
  assert.match(readFileSync(join(dist, 'index.html'), 'utf8'), /<script/);
  assert.deepEqual(parts(), []);
});

test('pages of which a file is gone are built again', async () => {
  assert.equal(await program().built, 'false');
  const [script] = globSync(join(dist, 'assets/*.js'));
  rmSync(script ?? '');
  assert.equal(await program().built, 'true');
});

test('a disk that is full is one line with the remedy, and nothing is left on it', {
  skip: process.getuid?.() === 0 ? false : 'needs root to mount a disk',
}, () => {
  const disk = mkdtempSync(join(dir, 'disk-'));
  const builder = join(import.meta.dirname, '..', 'build.ts');
  const mounted = 'mount -t tmpfs -o size=200k none "$0" && "$@"; ls -A "$0"';
  const command = ['--mount', 'sh', '-c', mounted, disk, process.execPath, builder, join(disk, 'dist')];
  const { stdout, stderr } = spawnSync('unshare', command, { encoding: 'utf8' });
  // After a line of the bundler's own.
  assert.match(stderr, /\ngatehouse: the disk that holds .* is full\. Free some space.*\n$/);
  assert.equal(stdout, '');
});
