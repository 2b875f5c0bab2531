import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { eventTypes } from '@gatehouse/contracts';
import { type Program, scratchFolder, until } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { startMosquitto } from './support/brokers.ts';
import { comms, incident } from './support/events.ts';
import { FakeRuntime } from './support/fake-runtime.ts';
import { eventFault } from './support/published.ts';
import { rawClient } from './support/raw-client.ts';
import { startService } from './support/services.ts';

/** 60 incidents of 4 changes each, 60 door events and 30 of health. */
const incidents = 60;
const counts = { alarm: incidents * 4, door: 60, health: 30 };
const kills = 3;
const window = 5;

/** A box (fake runtime, real sync process), a real mosquitto and a real receiver process. */
async function startChain(t: TestContext) {
  const dir = scratchFolder(t);
  const broker = await startMosquitto(t);
  const runtime = await FakeRuntime.start(t, 'box-1', dir);
  const site = join(dir, 'site.yaml');
  // A small window keeps the whole run long enough to be killed in the middle of.
  writeFileSync(
    site,
    `version: 1
site: {id: compound, name: {zh-CN: 小区, en: Compound}}
box: {id: box-1}
uplink: {url: "${broker.url}", window: ${window}, ackTimeoutS: 1}
`,
  );
  const file = join(dir, 'receiver.db');
  const receiver = startService(t, 'receiver/main.ts', ['--url', broker.url, '--db', file]);
  const agent = startService(t, 'main.ts', [], { GATEHOUSE_SITE: site, GATEHOUSE_RUN_DIR: dir });
  return { broker, runtime, receiver, agent, file };
}

/**
 * Every incident opened, updated twice and cleared, change by change over all of them, with device events
 * between.
 */
function fill(runtime: FakeRuntime): void {
  const phases = ['opened', 'updated', 'updated', 'cleared'] as const;
  for (const [change, phase] of phases.entries())
    for (let n = 1; n <= incidents; n++) {
      const updatedAt = `2026-11-23T18:3${change}:00.000+08:00`;
      runtime.append('alarm', eventTypes.incident, { ...incident(n, { phase, updatedAt }) });
    }
  for (let n = 1; n <= counts.door; n++) runtime.append('door', eventTypes.comms, { ...comms(`door-${n}`) });
  for (let n = 1; n <= counts.health; n++)
    runtime.append('health', eventTypes.comms, { ...comms(`sensor-${n}`) });
}

type Chain = Awaited<ReturnType<typeof startChain>>;

/**
 * Kills one thing at points spread over the run by a seed, and counts in the receiver's database with plain
 * SQL.
 */
async function killedMidFlight(t: TestContext, seed: number, victim: (chain: Chain) => Killable) {
  const chain = await startChain(t);
  const { runtime, file } = chain;
  // Handed out up to each kill, and ten windows more at that moment: a slow restart does not find the run
  // over.
  runtime.offer('alarm', 0);
  fill(runtime);
  const random = seededRandom(seed);
  for (let kill = 0; kill < kills; kill++) {
    const point = Math.floor(((kill + random()) / kills) * counts.alarm * 0.9) + 1;
    runtime.offer('alarm', point);
    await runtime.whenAcked('alarm', point);
    runtime.offer('alarm', Math.min(counts.alarm, point + 10 * window));
    assert.ok(runtime.waiting('alarm') > 0, 'the kill comes in the middle');
    await victim(chain).kill();
    await victim(chain).restart();
  }
  runtime.offer('alarm', counts.alarm);
  const left = () => runtime.waiting('alarm') + runtime.waiting('door') + runtime.waiting('health');
  await until('outbox empty', () => left() === 0);
  assertOnce(file);
  assert.deepEqual(runtime.impossibleAcks, []);
}

interface Killable {
  kill(): Promise<void>;
  restart(): Promise<void> | void;
}

function assertOnce(file: string): void {
  const db = new Database(file, { readonly: true });
  const all = (sql: string) => db.prepare(sql).all();
  try {
    assert.deepEqual(
      all(
        'SELECT class, count(*) AS n, min(sequence) AS a, max(sequence) AS z FROM events GROUP BY class ORDER BY class',
      ),
      [
        { class: 'alarm', n: counts.alarm, a: 1, z: counts.alarm },
        { class: 'door', n: counts.door, a: 1, z: counts.door },
        { class: 'health', n: counts.health, a: 1, z: counts.health },
      ],
    );
    assert.deepEqual(all('SELECT phase, applied, count(*) AS n FROM incidents GROUP BY phase, applied'), [
      { phase: 'cleared', applied: 4, n: incidents },
    ]);
    assert.deepEqual(all('SELECT applied, count(*) AS n FROM device_comms GROUP BY applied'), [
      { applied: 1, n: counts.door + counts.health },
    ]);
    assert.deepEqual(all('SELECT * FROM gaps'), []);
    assert.deepEqual(all('SELECT * FROM refused'), []);
  } finally {
    db.close();
  }
}

const restartable = (child: Program): Killable => ({
  kill: () => child.kill(),
  restart: () => void child.start(),
});

test('all that the real service sends, in whatever class, holds by the published schemas', async (t) => {
  const { broker, runtime } = await startChain(t);
  const watcher = await rawClient(t, broker.url);
  fill(runtime);
  const all = counts.alarm + counts.door + counts.health;
  await until(
    'outbox empty',
    () =>
      runtime.acked('alarm') === counts.alarm &&
      runtime.acked('door') === counts.door &&
      runtime.acked('health') === counts.health,
  );
  await until('all seen', () => watcher.events().length >= all);
  assert.deepEqual(
    watcher.events().flatMap((event) => eventFault(event) ?? []),
    [],
  );
});

test('broker killed with -9 and restarted mid-flight: nothing lost, nothing applied twice', (t) =>
  killedMidFlight(t, 11, ({ broker }) => broker));

test('sync killed with -9 mid-flight: nothing lost, nothing applied twice', (t) =>
  killedMidFlight(t, 12, ({ agent }) => restartable(agent)));

test('receiver killed with -9 mid-flight: nothing lost, nothing applied twice', (t) =>
  killedMidFlight(t, 13, ({ receiver }) => restartable(receiver)));
