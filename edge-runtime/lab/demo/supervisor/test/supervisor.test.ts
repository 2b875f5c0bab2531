import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { until } from '@gatehouse/harness';
import { seededRandom, systemClock } from '@gatehouse/kit';
import { Supervisor } from '../index.ts';

const dir = mkdtempSync(join(tmpdir(), 'supervisor-'));
after(() => rmSync(dir, { recursive: true, force: true }));

let scripts = 0;
/** Writes a small program and returns its path. */
function program(text: string): string {
  const file = join(dir, `program-${scripts++}.mjs`);
  writeFileSync(file, text);
  return file;
}

const steady = program(
  `console.log('ready'); process.on('SIGTERM', () => process.exit(0)); setInterval(() => 0, 1000);`,
);
const deaf = program(`process.on('SIGTERM', () => 0); console.log('ready'); setInterval(() => 0, 1000);`);
const crashing = program(`console.log('ready'); console.error('no such bus'); process.exit(3);`);

class Floor {
  readonly said: string[] = [];
  readonly supervisor: Supervisor;
  constructor(programs: Record<string, string>, stopWithinMs = 5000) {
    const specs = Object.entries(programs).map(([name, file]) => ({ name, args: [file], ready: /^ready/ }));
    this.supervisor = new Supervisor(specs, {
      clock: systemClock,
      random: seededRandom(1),
      logDir: join(dir, `logs-${scripts++}`),
      cwd: dir,
      say: (name, text) => this.said.push(`${name} ${text}`),
      restart: { firstMs: 1, capMs: 5 },
      stopWithinMs,
    });
  }
  start(): Promise<void> {
    return this.supervisor.start(new AbortController().signal);
  }
  count(pattern: RegExp): number {
    return this.said.filter((line) => pattern.test(line)).length;
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie nobody reaps yet is not running any more.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('processes start in order, each when the one before is up, and stop in reverse order', async () => {
  const floor = new Floor({ a: steady, b: steady, c: steady });
  await floor.start();
  assert.deepEqual(floor.supervisor.states(), { a: 'up', b: 'up', c: 'up' });
  assert.deepEqual(
    floor.said.map((line) => line.replace(/ \(.*/, '')),
    ['a up', 'b up', 'c up'],
  );
  const pids = Object.values(floor.supervisor.pids());
  await floor.supervisor.stop();
  assert.deepEqual(floor.said.slice(3), ['c stopped', 'b stopped', 'a stopped']);
  assert.deepEqual(pids.map(alive), [false, false, false]);
});

test('a process that is killed comes back, and the others do not notice', async () => {
  const floor = new Floor({ a: steady, b: steady });
  await floor.start();
  const { a = 0, b = 0 } = floor.supervisor.pids();
  process.kill(a, 'SIGKILL');
  await until('the restart', () => floor.count(/^a up/) === 2);
  assert.equal(floor.count(/^a died \(SIGKILL\); restarting in/), 1);
  assert.notEqual(floor.supervisor.pids().a, a);
  assert.equal(floor.supervisor.pids().b, b);
  await floor.supervisor.stop();
});

test('a crash loop is held down after five restarts and says why, while the rest stays up', async () => {
  const floor = new Floor({ sick: crashing, well: steady });
  await floor.start();
  await until('the hold', () => floor.supervisor.states().sick === 'held');
  assert.equal(floor.count(/^sick died \(exit code 3\): no such bus; restarting/), 5);
  assert.equal(floor.count(/^sick died .*HELD DOWN/), 1);
  assert.equal(floor.supervisor.states().well, 'up');
  await floor.supervisor.stop();
  assert.equal(floor.supervisor.states().sick, 'stopped');
});

test('a process that does not heed SIGTERM is killed, with what it had started', async () => {
  const parent = program(`
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, [${JSON.stringify(deaf)}], { stdio: 'inherit' });
    console.log('ready ' + child.pid);
    process.on('SIGTERM', () => 0);
    setInterval(() => 0, 1000);`);
  let grandchild = 0;
  const supervisor = new Supervisor([{ name: 'deaf', args: [parent], ready: /^ready \d/ }], {
    clock: systemClock,
    random: Math.random,
    logDir: join(dir, 'deaf'),
    cwd: dir,
    say: () => undefined,
    onLine: (_name, line) => {
      grandchild ||= Number(/^ready (\d+)/.exec(line)?.[1] ?? 0);
    },
    stopWithinMs: 50,
  });
  await supervisor.start(new AbortController().signal);
  const { deaf: pid = 0 } = supervisor.pids();
  assert.ok(alive(pid) && alive(grandchild));
  await supervisor.stop();
  await until('both to be gone', () => !alive(pid) && !alive(grandchild));
});

test('what a process had started does not outlive its crash', async () => {
  const parent = program(`
    import { spawn } from 'node:child_process';
    const child = spawn(process.execPath, [${JSON.stringify(deaf)}], { stdio: 'ignore' });
    console.error('started ' + child.pid);
    process.exitCode = 3;
    child.unref();
    process.channel?.unref();`);
  const floor = new Floor({ parent });
  await floor.start();
  await until('the hold', () => floor.supervisor.states().parent === 'held');
  const children = floor.said.flatMap((line) => Number(/started (\d+)/.exec(line)?.[1] ?? []));
  assert.equal(children.length, 6);
  await until('all it started to be gone', () => !children.some(alive));
  await floor.supervisor.stop();
});

test('when the supervisor itself is killed, its processes end in order, also those that end by having no more to do', async () => {
  const farewell = join(dir, 'farewell');
  const idle = program(`
    import { writeFileSync } from 'node:fs';
    console.log('ready');
    const timer = setInterval(() => 0, 1000);
    process.on('SIGTERM', () => clearInterval(timer));
    process.on('exit', () => writeFileSync(${JSON.stringify(farewell)}, ''));`);
  const host = program(`
    import { Supervisor } from ${JSON.stringify(new URL('../index.ts', import.meta.url).href)};
    import { systemClock } from ${JSON.stringify(new URL('../../../../kit/index.ts', import.meta.url).href)};
    const files = { a: ${JSON.stringify(steady)}, b: ${JSON.stringify(idle)} };
    const specs = Object.entries(files).map(([name, file]) => ({ name, args: [file], ready: /^ready/ }));
    const supervisor = new Supervisor(specs, {
      clock: systemClock, random: Math.random, logDir: ${JSON.stringify(join(dir, 'host'))}, cwd: '/', say: () => 0,
    });
    await supervisor.start(new AbortController().signal);
    console.log(JSON.stringify(supervisor.pids()));`);
  const child = spawn(process.execPath, [host], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(child.stdout, 'data');
  const pids: number[] = Object.values(JSON.parse(String(chunk)));
  assert.equal(pids.length, 2);
  assert.ok(pids.every(alive));
  child.kill('SIGKILL');
  await until('the processes to end', () => !pids.some(alive));
  assert.ok(existsSync(farewell), 'it ended by itself and was not killed');
});

test('output goes to a log file each', async () => {
  const floor = new Floor({ sick: crashing });
  await floor.start();
  await until('the hold', () => floor.supervisor.states().sick === 'held');
  await floor.supervisor.stop();
  const held = floor.said.find((line) => line.includes('HELD DOWN')) ?? '';
  const file = /see (\S+\.log)/.exec(held)?.[1] ?? '';
  assert.equal(readFileSync(file, 'utf8').match(/no such bus/g)?.length, 6);
});
