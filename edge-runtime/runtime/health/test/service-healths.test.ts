import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Endangered, ServiceHealth } from '@gatehouse/contracts';
import { GatehouseError, ManualClock, ProcessorMonitor, silentLog } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { healthsOf, temporaryFolder } from '../../test/fixtures.ts';
import { UplinkState } from '../../upstream/uplink-state.ts';
import { PeerHealths } from '../peer-healths.ts';
import { ServiceHealths } from '../service-healths.ts';

test('health names all parts that are not well, the one that endangers people first', (t) => {
  const told = (endangers: Endangered, code: string) => ({
    health: () => [{ endangers, code, detail: `${code}: something. Mend it.` }],
  });
  const parts = {
    slow: told('comfort', 'HARDWARE_DECODE_OFF'),
    media: told('platform', 'PICTURES_WAIT'),
    disk: told('records', 'DISK_LOW'),
    doors: told('people', 'JOURNAL_FULL'),
    incidents: told('watch', 'STORE_FULL'),
  };
  const healths = healthsOf(new ManualClock(), parts, temporaryFolder(t));
  const { runtime } = healths.services();
  assert.deepEqual(
    runtime?.faults?.map(({ code }) => code),
    ['JOURNAL_FULL', 'STORE_FULL', 'DISK_LOW', 'PICTURES_WAIT', 'HARDWARE_DECODE_OFF'],
  );
  assert.match(runtime?.detail ?? '', /^JOURNAL_FULL: something\. Mend it\. STORE_FULL/);
});

test('a store that can neither be read nor written is told, and takes no page away', async (t) => {
  const folder = temporaryFolder(t);
  const clock = new ManualClock();
  const store = new EventStore({ file: join(folder, 'events.db'), box: 'box-1', clock });
  store.start();
  const healths = healthsOf(clock, { store, uplink: { health: () => [] } }, folder);
  const uplink = new UplinkState(store, healths.peers, clock, silentLog);
  store.tell({
    eventclass: 'health',
    type: 'gatehouse.clock-step.v1',
    time: '2026-11-26T08:00:00Z',
    data: {},
  });
  await clock.advance(2_000);
  assert.deepEqual([uplink.view().backlog, healths.services().runtime?.status], [1, 'ok']);
  store.stop();
  assert.equal(uplink.view().backlog, 1, 'as it was last read');
  uplink.start();
  t.after(() => uplink.stop());
  await clock.advance(60_000);
  const { runtime } = healths.services();
  ServiceHealth.parse(runtime);
  assert.deepEqual(
    runtime?.faults?.map(({ endangers, code }) => [endangers, code]),
    [['records', 'HEALTH_UNKNOWN']],
  );
});

test('a service that is away endangers what nobody does meanwhile', async (t) => {
  const healths = healthsOf(new ManualClock(), {}, temporaryFolder(t));
  const { drivers, sync, flows } = healths.services();
  for (const health of [drivers, sync, flows]) assert.equal(ServiceHealth.parse(health).status, 'down');
  assert.deepEqual(
    [drivers, sync, flows].map((health) => health?.faults?.[0]?.endangers),
    ['people', 'platform', 'comfort'],
  );
});

/**
 * The healths with a vision service that answers or does not, on a box with so many threads that want its two
 * processors.
 */
function starvable() {
  const clock = new ManualClock();
  const clockSync = { state: () => ({ state: 'unknown' }) as const, warning: () => undefined };
  const box = { answers: true, runnable: 1 };
  const read = () => ({ threads: new Map(), runnable: box.runnable, processors: 2 });
  const processor = new ProcessorMonitor({ clock, log: silentLog, read });
  const vision = {
    call: async () => {
      if (box.answers) return { status: 'ok' as const };
      throw new GatehouseError('PEER_DOWN', 'environment', 'vision does not answer.', 'See its log.');
    },
  };
  const peers = new PeerHealths({ clock, polled: { vision }, processor });
  const healths = new ServiceHealths({ peers, parts: {}, clockSync, processor });
  processor.start();
  peers.start();
  const status = (name: string) => healths.services()[name]?.status;
  return { clock, box, peers, status };
}

test('a service that misses a poll is down, and up again with its next answer', async () => {
  const { clock, box, status } = starvable();
  await clock.advance(5_000);
  assert.equal(status('vision'), 'ok');
  box.answers = false;
  await clock.advance(2_000);
  assert.equal(status('vision'), 'down');
  box.answers = true;
  await clock.advance(2_000);
  assert.equal(status('vision'), 'ok');
});

test('while the box is short of processor a late service is not down before half a minute, and then it is', async () => {
  const { clock, box, status } = starvable();
  box.runnable = 40;
  await clock.advance(6_000);
  box.answers = false;
  await clock.advance(28_000);
  assert.equal(status('vision'), 'ok');
  await clock.advance(5_000);
  assert.equal(status('vision'), 'down');
  await clock.advance(60_000);
  assert.equal(status('vision'), 'down');
});

test('a service that reports by itself has five times as long while the box is short of processor', async () => {
  const { clock, box, peers, status } = starvable();
  peers.report('sync', { status: 'ok' });
  await clock.advance(26_000);
  assert.equal(status('sync'), 'down');
  box.runnable = 40;
  await clock.advance(5_000);
  peers.report('sync', { status: 'ok' });
  await clock.advance(120_000);
  assert.equal(status('sync'), 'ok');
  await clock.advance(10_000);
  assert.equal(status('sync'), 'down');
});
