import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import {
  every,
  ManualClock,
  ProcessorMonitor,
  type ProcessorMonitorOptions,
  type ProcessorReading,
  readProcessor,
  silentLog,
} from '@gatehouse/kit';
import fc from 'fast-check';

/**
 * A second of a machine: the share that the busiest thread ran and waited, and the number of threads that
 * wanted its two processors.
 */
interface Second {
  readonly ran?: number;
  readonly waited?: number;
  readonly runnable?: number;
}

/** A watch on a manual clock over a machine that a test sets; its readings add up as the kernel's do. */
function watchOver(told: ProcessorMonitorOptions['told'] = () => undefined) {
  const clock = new ManualClock();
  const logged: string[] = [];
  let second: Second = {};
  let lastMs = clock.monotonicMs();
  const sums = { ranMs: 0, waitedMs: 0 };
  const read = (): ProcessorReading => {
    const passedMs = clock.monotonicMs() - lastMs;
    lastMs = clock.monotonicMs();
    sums.ranMs += (second.ran ?? 0) * passedMs;
    sums.waitedMs += (second.waited ?? 0) * passedMs;
    return { threads: new Map([['1', { ...sums }]]), runnable: second.runnable, processors: 2 };
  };
  const log = { ...silentLog, warn: (event: string) => logged.push(event) };
  const watch = new ProcessorMonitor({ clock, log, told, read });
  watch.start();
  return {
    clock,
    watch,
    logged,
    async pass(seconds: number, machine: Second) {
      second = machine;
      await clock.advance(1000 * seconds);
    },
  };
}

const starved: Second = { ran: 0.1, waited: 0.9, runnable: 40 };
const well: Second = { ran: 0.4, waited: 0.1, runnable: 2 };

test('a box is short of processor after three seconds of it, and well again after ten without', async () => {
  const { watch, pass, logged } = watchOver();
  await pass(20, well);
  await pass(2, starved);
  assert.equal(watch.short, false);
  await pass(1, starved);
  assert.equal(watch.short, true);
  assert.deepEqual(watch.state, { short: true, waitedShare: 0.9, perProcessor: 20 });
  await pass(9, well);
  assert.equal(watch.short, true, 'and for a moment afterwards');
  await pass(1, well);
  assert.equal(watch.short, false);
  assert.deepEqual(logged, ['processor-short', 'processor-enough']);
});

for (const [what, machine] of [
  ['a thread that waits and hardly runs', { ran: 0.1, waited: 0.6, runnable: 2 }],
  ['a long run queue', { ran: 0.1, waited: 0.1, runnable: 16 }],
] as const)
  test(`${what} alone is enough`, async () => {
    const { watch, pass } = watchOver();
    await pass(5, machine);
    assert.equal(watch.short, true);
  });

for (const [what, machine] of [
  ['a thread that computes all the time', { ran: 1, waited: 0, runnable: 3 }],
  ['a thread that waits as long as it runs', { ran: 0.5, waited: 0.5, runnable: 4 }],
  ['a machine that does not count', {}],
] as const)
  test(`${what} is no shortage`, async () => {
    const { watch, pass } = watchOver();
    await pass(60, machine);
    assert.equal(watch.short, false);
  });

test('between the two thresholds nothing changes, so the state does not flutter', async () => {
  const between: Second = { ran: 0.1, waited: 0.4, runnable: 10 };
  const { watch, pass, logged } = watchOver();
  await pass(60, between);
  assert.equal(watch.short, false);
  await pass(4, starved);
  await pass(60, between);
  assert.equal(watch.short, true);
  for (let i = 0; i < 20; i++) {
    await pass(5, well);
    await pass(1, starved);
  }
  assert.deepEqual(logged, ['processor-short']);
});

test('what another service has found out holds at once', async () => {
  let told: { waitedShare: number } | undefined;
  const { watch, pass } = watchOver(() => told);
  await pass(5, well);
  told = { waitedShare: 0.8 };
  await pass(1, well);
  assert.deepEqual(watch.state, { short: true, waitedShare: 0.8, perProcessor: 1 });
  told = undefined;
  await pass(9, well);
  assert.equal(watch.short, true);
  await pass(1, well);
  assert.equal(watch.short, false);
});

test('a limit of six seconds ends after six, and after thirty while the box is short of processor', async () => {
  const { watch, clock, pass } = watchOver();
  const endOf = async (seconds: number, machine: Second) => {
    const startMs = clock.monotonicMs();
    let endedMs: number | undefined;
    watch.clock.after(6_000, () => {
      endedMs = clock.monotonicMs();
    });
    await pass(seconds, machine);
    return endedMs === undefined ? undefined : (endedMs - startMs) / 1000;
  };
  assert.equal(await endOf(10, well), 6);
  await pass(3, starved);
  const late = (await endOf(40, starved)) ?? Number.NaN;
  assert.ok(late >= 29.5 && late <= 30.5, `${late} s`);
  await pass(20, well);
  assert.equal(await endOf(10, well), 6);
  const cancel = watch.clock.after(1_000, () => assert.fail('cancelled'));
  cancel();
  await pass(3, well);
});

test('time of limits never stands still, never runs back and is never more than five times slower', async () => {
  const stretch = fc.record({ seconds: fc.integer({ min: 1, max: 20 }), isStarved: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(fc.array(stretch, { minLength: 1, maxLength: 12 }), async (stretches) => {
      const { watch, clock, pass } = watchOver();
      const seen: { realMs: number; workedMs: number }[] = [];
      const stop = every(clock, 250, () =>
        seen.push({ realMs: clock.monotonicMs(), workedMs: watch.clock.monotonicMs() }),
      );
      for (const { seconds, isStarved } of stretches) await pass(seconds, isStarved ? starved : well);
      stop();
      for (const [i, { realMs, workedMs }] of seen.entries()) {
        const before = seen[i - 1];
        if (!before) continue;
        const share = (workedMs - before.workedMs) / (realMs - before.realMs);
        assert.ok(share >= 0.2 - 1e-9 && share <= 1 + 1e-9, `${share}`);
      }
    }),
    { numRuns: 40, seed: 6 },
  );
});

test('time in which the process did not run is no silence of others', () => {
  const real = { ms: 0, monotonicMs: () => real.ms, epochMs: () => 0, after: () => () => undefined };
  const read = () => ({ threads: new Map(), runnable: undefined, processors: 1 });
  const watch = new ProcessorMonitor({ clock: real, log: silentLog, read });
  watch.start();
  real.ms = 60_000;
  const seenMs = watch.clock.monotonicMs();
  assert.ok(seenMs >= 12_000 && seenMs <= 14_000, `${seenMs} ms of a minute`);
});

test('the kernel says how long a program waits for its processor', async (t) => {
  const cpu = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
  const children: ChildProcess[] = [];
  t.after(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  for (let i = 0; i < 4; i++)
    children.push(spawn('taskset', ['-c', cpu, 'sha256sum', '/dev/zero'], { stdio: 'ignore' }));
  const pids = children.flatMap(({ pid }) => pid ?? []);
  // Four on one processor: each waits three quarters of the time, however busy the machine is besides.
  const first = readProcessor(pids);
  const waited = () => {
    const now = readProcessor(pids);
    return pids.map((pid) => {
      const [before, after] = [first.threads.get(String(pid)), now.threads.get(String(pid))];
      const [ran, wait] = [
        (after?.ranMs ?? 0) - (before?.ranMs ?? 0),
        (after?.waitedMs ?? 0) - (before?.waitedMs ?? 0),
      ];
      return wait > 500 && wait > ran;
    });
  };
  for (let i = 0; i < 600 && !waited().every(Boolean); i++) await delay(100);
  assert.deepEqual(waited(), [true, true, true, true]);
  assert.ok(first.processors >= 1 && (first.runnable ?? 0) >= 1);
  assert.ok(first.threads.has(String(process.pid)), 'and its own');
});

test('a process that is gone is passed over', () => {
  const { threads } = readProcessor([4_194_303]);
  assert.ok(threads.size > 0);
});
