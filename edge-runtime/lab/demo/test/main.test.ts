import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const dir = mkdtempSync(join(tmpdir(), 'demo-main-'));
after(() => rmSync(dir, { recursive: true, force: true }));
const main = join(import.meta.dirname, '..', 'main.ts');

/** Runs `npm start`'s program to its end, which must come by itself; nothing is left running then. */
function start(env: Record<string, string>): { code: number | null; stderr: string } {
  const inherited = { ...process.env };
  for (const name of ['GATEHOUSE_SITE', 'GATEHOUSE_MEDIA_DIR', 'GATEHOUSE_RUN_DIR']) delete inherited[name];
  const { status, stderr } = spawnSync(process.execPath, [main], {
    env: { ...inherited, GATEHOUSE_STATE_DIR: join(dir, 'state'), ...env },
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { code: status, stderr };
}

test('a taken console port is one line with the remedy and a non-zero exit, and nothing was started', async () => {
  const blocker = createServer();
  await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
  const address = blocker.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  try {
    const { code, stderr } = start({ GATEHOUSE_CONSOLE_PORT: String(port) });
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`^CONSOLE_PORT_TAKEN: port ${port} on 127\\.0\\.0\\.1 is in use`));
    assert.match(stderr, /GATEHOUSE_CONSOLE_PORT=8080 npm start\n$/);
    assert.equal(stderr.trim().split('\n').length, 1);
    assert.ok(!existsSync(join(dir, 'state', 'logs')));
  } finally {
    blocker.close();
  }
});

test('of two that start together on one state directory the second says that a box runs there', async () => {
  const state = join(dir, 'shared');
  mkdirSync(state);
  // As the first holds it, before any of its services answers.
  const first = spawn('flock', [join(state, 'supervisor.lock'), 'sh', '-c', 'echo held && exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(first.stdout, 'data');
  const { code, stderr } = start({ GATEHOUSE_STATE_DIR: state });
  assert.equal(code, 1);
  assert.match(stderr, /^ALREADY_RUNNING: a box already runs on .*shared\. Stop it first.*\n$/);
  first.kill('SIGKILL');
  await once(first, 'close');
  const next = start({ GATEHOUSE_STATE_DIR: state, GATEHOUSE_SITE: join(dir, 'none.yaml') });
  assert.match(next.stderr, /^SITE_FILE_MISSING/, 'it waits for nobody who is dead');
});

test('a wrong site file, port or directory and a folder without clips are one line each', () => {
  const site = join(dir, 'site.yaml');
  writeFileSync(site, 'version: 1\nsite: { id: a b }\n');
  const wrongs: [Record<string, string>, RegExp][] = [
    [
      { GATEHOUSE_SITE: site },
      /^SITE_FILE_INVALID: .*site\.yaml:1: box: "box" is missing; .*\(and 2 more: .*\n$/,
    ],
    [{ GATEHOUSE_SITE: join(dir, 'none.yaml') }, /^SITE_FILE_MISSING: .*none\.yaml.*\n$/],
    [{ GATEHOUSE_CONSOLE_PORT: '80a' }, /^CONSOLE_PORT_WRONG: .*\n$/],
    [{ GATEHOUSE_EDITOR_PORT: '80a' }, /^CONSOLE_PORT_WRONG: GATEHOUSE_EDITOR_PORT .*\n$/],
    [{ GATEHOUSE_MEDIA_DIR: dir, GATEHOUSE_CONSOLE_PORT: '1' }, /^DEMO_CLIP_MISSING: .*\n$/],
    [
      { GATEHOUSE_STATE_DIR: site },
      /^DIRECTORY_UNUSABLE: .*site\.yaml is a file\. .*GATEHOUSE_STATE_DIR.*\n$/,
    ],
    [{ GATEHOUSE_RUN_DIR: site }, /^DIRECTORY_UNUSABLE: .*site\.yaml is a file\. .*GATEHOUSE_RUN_DIR.*\n$/],
  ];
  for (const [env, line] of wrongs) {
    const { code, stderr } = start(env);
    assert.equal(code, 1);
    assert.match(stderr, line);
  }
});
