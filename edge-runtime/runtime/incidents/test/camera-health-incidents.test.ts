import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { CameraConditionName, CameraStatus, IncidentChange } from '@gatehouse/contracts';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { Hub } from '../../hub.ts';
import { temporaryFolder } from '../../test/fixtures.ts';
import { CameraHealthIncidents } from '../camera-health-incidents.ts';
import { IncidentRecords } from '../incident-records.ts';

const cameras = Array.from({ length: 8 }, (_, i) => `cam-${i}`);

/** The incidents on a real store; statuses come from the test's hand. */
function start(t: TestContext, folder = temporaryFolder(t), clock = new ManualClock()) {
  const store = new EventStore({ file: join(folder, 'events.db'), box: 'box-1', clock });
  const onError = (error: unknown) => {
    throw error;
  };
  const statuses = new Hub<CameraStatus>(onError);
  const changes = new Hub<IncidentChange>(onError);
  const seen: string[] = [];
  changes.subscribe(({ change, incident: { camera, evidence } }) => {
    const [gate] = evidence?.gates ?? [];
    seen.push(`${change} ${camera ?? 'box'} ${gate?.name} ${camera ? '' : gate?.value}`.trim());
  });
  const records = new IncidentRecords(store, changes);
  const incidents = new CameraHealthIncidents({ store, cameras, statuses, records, clock, log: silentLog });
  store.start();
  incidents.start();
  const stop = () => {
    incidents.stop();
    store.stop();
  };
  const tell = (id: string, ...names: CameraConditionName[]) =>
    statuses.publish({
      id,
      state: names.includes('stale') ? 'down' : 'live',
      analysedFps: 5,
      reconnects: 0,
      conditions: names.map((name) => ({ name, value: 9, threshold: 5, unit: 's', sinceMs: 1_000 })),
    });
  const away = (id: string) =>
    statuses.publish({ id, state: 'down', reason: 'VISION_DOWN', analysedFps: 0, reconnects: 0 });
  return { folder, clock, seen, statuses, tell, away, stop, store };
}

test('one incident a camera and condition, opened once and cleared once, with value and threshold', async (t) => {
  const { clock, seen, tell, store, stop } = start(t);
  for (let i = 0; i < 20; i++) {
    tell('cam-0', 'covered');
    tell('cam-1', 'blurred', 'decode-errors');
    await clock.advance(1_000);
  }
  assert.deepEqual(seen, ['opened cam-0 covered', 'opened cam-1 blurred', 'opened cam-1 decode-errors']);
  const [{ incident } = { incident: undefined }] = store.incidents({ open: true, limit: 1 });
  assert.deepEqual(incident?.evidence?.gates, [
    { name: 'decode-errors', value: 9, threshold: 5, unit: 's', passed: true },
  ]);
  tell('cam-0');
  tell('cam-1', 'blurred');
  await clock.advance(2_000);
  assert.deepEqual(seen.slice(3), ['cleared cam-0 covered', 'cleared cam-1 decode-errors']);
  stop();
});

test('one lost camera is its own incident; all of them at once are a single one, until the last is back', async (t) => {
  const { clock, seen, tell, stop } = start(t);
  tell('cam-0', 'stale');
  await clock.advance(12_000);
  assert.deepEqual(seen, ['opened cam-0 stale']);
  for (const [i, id] of cameras.entries()) {
    tell(id, 'stale');
    if (i % 3 === 0) await clock.advance(1_000);
  }
  await clock.advance(30_000);
  assert.deepEqual(seen.slice(1), ['opened box cameras-lost 6']);
  for (const id of cameras.slice(0, -1)) tell(id);
  await clock.advance(30_000);
  assert.deepEqual(seen.slice(2), ['cleared cam-0 stale']);
  tell('cam-7');
  await clock.advance(2_000);
  assert.deepEqual(seen.slice(3), ['cleared box cameras-lost 6']);
  stop();
});

test('a restart of the runtime, and vision being away, neither open nor clear anything', async (t) => {
  const first = start(t);
  first.tell('cam-2', 'moved');
  for (const id of cameras.slice(3)) first.tell(id, 'stale');
  await first.clock.advance(12_000);
  assert.deepEqual(first.seen, ['opened cam-2 moved', 'opened box cameras-lost 5']);
  first.stop();
  const second = start(t, first.folder, first.clock);
  for (const id of cameras) second.away(id);
  await second.clock.advance(60_000);
  second.tell('cam-2', 'moved');
  for (const id of cameras.slice(3)) second.tell(id, 'stale');
  await second.clock.advance(30_000);
  assert.deepEqual(second.seen, []);
  for (const id of cameras) second.tell(id);
  await second.clock.advance(2_000);
  assert.deepEqual(second.seen.toSorted(), ['cleared box cameras-lost 5', 'cleared cam-2 moved']);
  second.stop();
});

test('after the clock was set an incident of a camera says since when by the new clock, and for how long', async (t) => {
  const { clock, statuses, store, stop } = start(t);
  const frameMs = Date.parse('1970-01-01T14:00:00+08:00');
  const wallOffsetMs = clock.epochMs() - (frameMs + 30_000);
  const covered = { name: 'covered', value: 9, threshold: 5, unit: 's', sinceMs: frameMs } as const;
  const status = {
    id: 'cam-0',
    state: 'live',
    analysedFps: 5,
    reconnects: 0,
    conditions: [covered],
  } as const;
  statuses.publish({ ...status, conditions: [covered], wallOffsetMs });
  await clock.advance(1_000);
  const [{ incident } = { incident: undefined }] = store.incidents({ open: true, limit: 1 });
  const { sinceMs, atMs, wallOffsetMs: told } = incident?.evidence ?? {};
  assert.deepEqual({ sinceMs, atMs, told }, { sinceMs: frameMs, atMs: frameMs + 31_000, told: wallOffsetMs });
  stop();
});
