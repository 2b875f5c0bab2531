import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type StoreVerification, WireClockStep } from '@gatehouse/contracts';
import { type Clock, GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { checkFile, EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { opening } from '../../../store/test/fixtures.ts';
import { ClipFiles } from '../../evidence/clip-files.ts';
import { StillFiles } from '../../evidence/still-files.ts';
import { ClockSteps } from '../../health/clock-steps.ts';
import { temporaryFolder } from '../../test/fixtures.ts';
import { RetentionJob } from '../retention-job.ts';
import { StoreVerifier } from '../store-verifier.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** A box's store with evidence files, retention and clock steps, all on one hand-moved clock. */
function bench(t: TestContext) {
  const folder = temporaryFolder(t);
  const clock = new ManualClock();
  const file = join(folder, 'events.db');
  // The store's own housekeeping every ten seconds is not tested here, and days of it would take long.
  const quiet: Clock = {
    monotonicMs: () => clock.monotonicMs(),
    epochMs: () => clock.epochMs(),
    after: () => () => undefined,
  };
  const store = new EventStore({ file, box: 'box-1', clock: quiet });
  const stills = new StillFiles(join(folder, 'stills'));
  const clips = new ClipFiles(join(folder, 'clips'));
  const retention = new RetentionJob({
    store,
    evidence: [stills, clips],
    evidenceDays: 30,
    clock,
    log: silentLog,
  });
  const kept: { now: boolean | undefined } = { now: undefined };
  const clockSteps = new ClockSteps({
    store,
    clock,
    log: silentLog,
    synchronised: () => kept.now,
    onStep: (ms) => retention.clockStepped(ms),
  });
  const start = () => {
    store.start();
    retention.start();
  };
  const stop = () => {
    clockSteps.stop();
    retention.stop();
    store.stop();
  };
  t.after(stop);
  /** An incident that is over and sent, with a still and a clip. */
  const put = (n: number) => {
    const write = opening({ ...opening().incident, id: uuid(n), phase: 'cleared' });
    store.commit([write]);
    stills.write(uuid(n), 'opened', Buffer.from('jpeg'));
    clips.write(uuid(n), Buffer.from('mp4'));
    const { last } = store.outboxBatch('alarm', 0, 1);
    store.acknowledgeOutbox({ epoch: store.epoch, eventclass: 'alarm', upTo: last });
  };
  const has = (n: number) => [
    store.incident(uuid(n)) !== undefined,
    stills.read(uuid(n), 'opened') !== undefined,
    clips.read(uuid(n)) !== undefined,
  ];
  return { kept, clockSteps, retention, folder, file, clock, store, stills, clips, start, stop, put, has };
}

test('an incident goes with its stills and its clip when its term is over, and not before', async (t) => {
  const { clock, start, put, has } = bench(t);
  start();
  put(1);
  clock.stepWall(29.5 * dayMs);
  await clock.advance(2 * hourMs);
  put(2);
  assert.deepEqual(has(1), [true, true, true]);
  clock.stepWall(dayMs);
  await clock.advance(2 * hourMs);
  assert.deepEqual(has(1), [false, false, false]);
  assert.deepEqual(has(2), [true, true, true]);
});

test('a clock set ahead by years deletes nothing for a day, in which it can be set right', async (t) => {
  const { clock, retention, start, put, has } = bench(t);
  start();
  put(1);
  clock.stepWall(3 * 365 * dayMs);
  retention.clockStepped(3 * 365 * dayMs);
  await clock.advance(23 * hourMs);
  assert.deepEqual(has(1), [true, true, true]);
  clock.stepWall(-3 * 365 * dayMs);
  await clock.advance(3 * dayMs);
  assert.deepEqual(has(1), [true, true, true], 'it was set right');
});

test('a box that wakes up long after its last record waits a day before it deletes', async (t) => {
  const { clock, start, stop, put, has } = bench(t);
  start();
  put(1);
  stop();
  clock.stepWall(200 * dayMs);
  start();
  await clock.advance(23 * hourMs);
  assert.deepEqual(has(1), [true, true, true]);
  await clock.advance(3 * hourMs);
  assert.deepEqual(has(1), [false, false, false]);
});

test('evidence whose incident is unknown goes after its term, too', async (t) => {
  const { folder, clock, clips, start } = bench(t);
  mkdirSync(join(folder, 'clips'), { recursive: true });
  for (const [n, ageDays] of [
    [1, 31],
    [2, 29],
  ] as const) {
    clips.write(uuid(n), Buffer.from('mp4'));
    const atS = (clock.epochMs() - ageDays * dayMs) / 1000;
    utimesSync(join(folder, 'clips', `${uuid(n)}.mp4`), atS, atS);
  }
  start();
  await clock.advance(2 * hourMs);
  const there = (n: number) => existsSync(join(folder, 'clips', `${uuid(n)}.mp4`));
  assert.deepEqual([there(1), there(2)], [false, true]);
});

test('a step of the wall clock is in the audit trail and on its way to the platform, slewing is not', async (t) => {
  const { kept, clock, clockSteps, store, start, stop, file } = bench(t);
  start();
  clockSteps.start();
  await clock.advance(10_000);
  for (let second = 0; second < 20; second++) {
    clock.stepWall(500);
    await clock.advance(1_000);
  }
  assert.equal(store.outboxBatch('health', 0, 9).events.length, 0, 'slewed by 10 s');
  const wallMs = clock.epochMs();
  clock.stepWall(dayMs);
  await clock.advance(1_000);
  kept.now = false;
  clock.stepWall(-dayMs);
  await clock.advance(1_000);
  const steps = store.outboxBatch('health', 0, 9).events.map(({ data }) => WireClockStep.parse(data));
  assert.deepEqual(
    steps.map(({ stepMs, synchronised }) => [stepMs, synchronised]),
    [
      [dayMs, undefined],
      [-dayMs, false],
    ],
  );
  const [first] = steps;
  assert.equal(Date.parse(first?.before ?? ''), wallMs + 1_000);
  assert.equal(Date.parse(first?.after ?? ''), wallMs + 1_000 + dayMs);
  assert.equal(first?.monotonicMs, 31_000);
  stop();
  const db = new Database(file, { readonly: true });
  const audited = db.prepare('SELECT who, what FROM audit').all() as { who: string; what: string }[];
  db.close();
  assert.deepEqual(
    audited.map(({ who, what }) => [who, what.split(' ').slice(0, 2).join(' ')]),
    [
      ['gatehouse', `clock-stepped ${dayMs}`],
      ['gatehouse', `clock-stepped ${-dayMs}`],
    ],
  );
});

test('all of the file is checked an hour after the start and every week, and a fault is in health until it is gone', async (t) => {
  const { folder, clock, store } = bench(t);
  store.start();
  store.commit([opening()]);
  const bad = join(folder, 'bad.db');
  writeFileSync(bad, 'no database '.repeat(1000));
  let damaged = false;
  let running: Promise<StoreVerification> | undefined;
  const verify = () => {
    running = damaged ? checkFile(bad) : store.verify();
    return running;
  };
  const verifier = new StoreVerifier({ verify, clock, log: silentLog });
  verifier.start();
  const checked = async (ms: number) => {
    running = undefined;
    await clock.advance(ms);
    assert.ok(running, 'a check is under way');
    await running;
    await clock.advance(0);
    return verifier.health();
  };
  assert.deepEqual(await checked(hourMs), []);
  damaged = true;
  assert.match(
    (await checked(7 * dayMs))[0]?.detail ?? '',
    /STORE_DAMAGED: .*not a database.*gatehouse db recover/,
  );
  damaged = false;
  assert.deepEqual(await checked(7 * dayMs), []);
  verifier.stop();
});

test('a stop in the middle of a check does not wait for it, and is no fault', async (t) => {
  const { clock, store, stop } = bench(t);
  store.start();
  for (let n = 0; n < 300; n++) store.commit([opening()]);
  let running: Promise<unknown> | undefined;
  const verify = () => {
    const checking = store.verify();
    running = checking.catch(() => undefined);
    return checking;
  };
  const verifier = new StoreVerifier({ verify, clock, log: silentLog });
  verifier.start();
  const advanced = clock.advance(hourMs);
  while (!running) await new Promise((resolve) => setImmediate(resolve));
  verifier.stop();
  stop();
  await running;
  await advanced;
  assert.deepEqual(verifier.health(), []);
});

test('without room for a copy it is tried again a day later', async () => {
  const clock = new ManualClock();
  let tries = 0;
  const verify = async () => {
    tries++;
    throw new GatehouseError('STORE_NO_ROOM_TO_COPY', 'environment', 'no space.', 'Free space.');
  };
  const verifier = new StoreVerifier({ verify, clock, log: silentLog });
  verifier.start();
  await clock.advance(hourMs + 2 * dayMs);
  assert.deepEqual([tries, verifier.health()], [3, []]);
  verifier.stop();
  assert.equal(clock.pendingTimers, 0);
});
