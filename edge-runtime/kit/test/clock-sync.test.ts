import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ClockSync, isoWithOffset, ManualClock, silentLog, syncLifeMs } from '@gatehouse/kit';

const hourMs = 3_600_000;

/** A timesyncd that runs and synchronises at the hand-moved time. */
function bench(t: TestContext) {
  const temporary = mkdtempSync(join(tmpdir(), 'gh-sync-'));
  t.after(() => rmSync(temporary, { recursive: true, force: true }));
  const folder = join(temporary, 'timesync');
  const clock = new ManualClock();
  const file = join(folder, 'synchronized');
  return {
    clock,
    sync: (servers: (boolean | undefined)[] = []) =>
      new ClockSync({
        clock,
        log: silentLog,
        folder,
        servers: servers.map((_, i) => async () => servers[i]),
      }),
    runs: () => mkdirSync(folder),
    ends: () => rmSync(folder, { recursive: true }),
    synchronises() {
      writeFileSync(file, '');
      utimesSync(file, clock.epochMs() / 1000, clock.epochMs() / 1000);
    },
  };
}

test('without timesyncd it is not known; while it has reached no server the clock is not synchronised, since the start', async (t) => {
  const { clock, sync, runs, ends, synchronises } = bench(t);
  const started = isoWithOffset(clock.epochMs());
  const watched = sync();
  assert.deepEqual(watched.state(), { state: 'unknown' });
  assert.deepEqual([watched.synchronised(), watched.warning()], [undefined, undefined]);
  runs();
  await clock.advance(hourMs);
  assert.deepEqual(watched.state(), { state: 'unsynchronised', since: started });
  assert.match(watched.warning() ?? '', /^CLOCK_NOT_SYNCHRONISED: .*timedatectl/);
  synchronises();
  assert.deepEqual(watched.state(), { state: 'synchronised' });
  assert.deepEqual([watched.synchronised(), watched.warning()], [true, undefined]);
  ends();
  assert.equal(watched.state().state, 'unknown');
});

test('a server that is lost shows after two polls that failed, since the last synchronisation; one that comes back ends it', async (t) => {
  const { clock, sync, runs, synchronises } = bench(t);
  runs();
  const watched = sync();
  watched.start();
  t.after(() => watched.stop());
  for (let n = 0; n < 5; n++) {
    synchronises();
    await clock.advance(2_048_000);
    assert.equal(watched.state().state, 'synchronised');
  }
  const last = isoWithOffset(clock.epochMs() - 2_048_000);
  await clock.advance(syncLifeMs - 2_048_000);
  assert.equal(watched.state().state, 'synchronised');
  await clock.advance(60_000);
  const { state, since = '' } = watched.state();
  assert.equal(state, 'unsynchronised');
  assert.ok(Math.abs(Date.parse(since) - Date.parse(last)) <= 60_000, since);
  synchronises();
  assert.equal(watched.state().state, 'synchronised');
});

test('a service that starts after the server was lost says since when', async (t) => {
  const { clock, sync, runs, synchronises } = bench(t);
  runs();
  synchronises();
  const last = isoWithOffset(clock.epochMs());
  await clock.advance(5 * hourMs);
  assert.deepEqual(sync().state(), { state: 'unsynchronised', since: last });
});

test('a step of the wall clock, either way, changes neither the state nor how long it has lasted', async (t) => {
  const { clock, sync, runs, synchronises } = bench(t);
  runs();
  synchronises();
  const watched = sync();
  assert.equal(watched.state().state, 'synchronised');
  for (const stepMs of [240 * hourMs, -480 * hourMs]) {
    clock.stepWall(stepMs);
    assert.equal(watched.state().state, 'synchronised');
  }
  await clock.advance(5 * hourMs);
  assert.deepEqual(watched.state(), {
    state: 'unsynchronised',
    since: isoWithOffset(clock.epochMs() - 5 * hourMs),
  });
});

test('what a time server says counts beside timesyncd, and one that keeps the clock is enough', async (t) => {
  const { clock, sync, runs } = bench(t);
  const servers: (boolean | undefined)[] = [undefined, undefined];
  const watched = sync(servers);
  watched.start();
  t.after(() => watched.stop());
  await clock.advance(10_000);
  assert.deepEqual(watched.state(), { state: 'unknown' });
  servers[0] = true;
  await clock.advance(10_000);
  assert.deepEqual(watched.state(), { state: 'synchronised' });
  const last = isoWithOffset(clock.epochMs());
  servers[0] = false;
  await clock.advance(hourMs);
  assert.deepEqual(watched.state(), { state: 'unsynchronised', since: last });
  runs();
  assert.equal(watched.state().state, 'unsynchronised', 'timesyncd has reached no server');
  servers[1] = true;
  await clock.advance(10_000);
  assert.equal(watched.state().state, 'synchronised');
});
