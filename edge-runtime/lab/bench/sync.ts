/**
 * Sync bench: the frame that decides an incident leaves the vision socket -> the row is in the receiver's
 * database. On the way, each its own process: runtime (rules, events.db with FULL), sync, mosquitto, receiver
 * (SQLite with FULL). A reader of the receiver's database that looks every 2 ms takes the time, so the figure
 * is never too good. The floor in the same run: raw publish -> mosquitto -> raw subscriber -> SQLite FULL
 * insert.
 *
 * That is part `chain`. `throughput`: sync-throughput.ts; `store`: the event store under a backlog,
 * sync-store.ts. All by default.
 *
 * `npm run bench -- sync [--part chain|throughput|store] [--samples N] [--rate N] [--rows N]`; JSON lines on
 * stdout, exit code 1 when a target is missed.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WireIncident } from '@gatehouse/contracts';
import { boxIn, until } from '@gatehouse/harness';
import Database from 'better-sqlite3';
import { laneYaml } from '../e2e/parking-lane.ts';
import { siteHead } from './bench-site.ts';
import { syncFloor } from './floors/sync-floor.ts';
import { program, type Running, report, startMosquitto } from './sync-processes.ts';
import { type EventSource, FakeVision } from './sync-source.ts';
import { storeBench } from './sync-store.ts';
import { throughput } from './sync-throughput.ts';

const targetMs = 500;
const leastSamples = 500;
const lookMs = 2;
const warmUps = 40;

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    samples: { type: 'string', default: '600' },
    rate: { type: 'string', default: '20' },
    rows: { type: 'string', default: '1000000' },
  },
});
const samples = Number(values.samples);
const intervalMs = 1000 / Number(values.rate);

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-sync-'));
  const children: Running[] = [];
  try {
    const broker = await startMosquitto(folder);
    children.push(broker);
    const { env, file } = await startBox(folder, broker.url, children);
    const source = new FakeVision(env);
    await source.listen();
    const { tookMs, twice, bytes } = await endToEnd(source, file);
    const floor = await syncFloor({
      url: broker.url,
      file: join(folder, 'floor.db'),
      samples,
      intervalMs,
      payloadBytes: Math.round(bytes),
    });
    print(tookMs, floor, twice);
    await source.close();
  } finally {
    for (const child of children) await child.end();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts runtime, sync and receiver as the box does; their logs go to stderr only where they fail. */
async function startBox(folder: string, url: string, children: Running[]) {
  const file = join(folder, 'receiver.db');
  const env = boxIn(folder, `${siteHead}${laneYaml}uplink: { url: "${url}" }\n`);
  const service = (main: string, args: readonly string[]) => program(main, args, env);
  children.push(
    service('sync-agent/receiver/main.ts', ['--url', url, '--db', file]),
    service('edge-runtime/runtime/main.ts', []),
    service('sync-agent/main.ts', []),
  );
  await until('the receiver has its database', () => existsSync(file));
  return { env, file };
}

/** Causes changes at the asked rate and takes the time of each row's arrival. */
async function endToEnd(source: EventSource, file: string) {
  await source.ready();
  const db = new Database(file, { readonly: true, timeout: 5000 });
  const arrived = db.prepare('SELECT rowid AS row, data FROM events WHERE rowid > ? ORDER BY rowid');
  const tookMs: number[] = [];
  let [last, bytes, done] = [0, 0, false];
  const look = () => {
    for (const { row, data } of arrived.all(last) as { row: number; data: string }[]) {
      last = row;
      bytes = data.length;
      const sentMs = source.sentAtMs(WireIncident.parse(JSON.parse(data)).evidence?.atMs ?? 0);
      if (sentMs !== undefined) tookMs.push(performance.now() - sentMs);
    }
  };
  const reader = (async () => {
    for (; !done; await delay(lookMs)) look();
  })();
  // The first events wait for connections that are still being made: they are no samples.
  for (let i = 0; i < warmUps; i++) {
    source.next();
    await delay(intervalMs);
  }
  await until('the first rows arrive', () => tookMs.length === warmUps);
  tookMs.length = 0;
  for (let i = 0; i < samples; i++) {
    source.next();
    await delay(intervalMs);
  }
  await until('all rows have arrived', () => tookMs.length >= samples);
  done = true;
  await reader;
  const twice = Number(db.prepare('SELECT count(*) - count(DISTINCT data) FROM events').pluck().get());
  db.close();
  return { tookMs, twice, bytes: bytes + 300 };
}

function print(tookMs: readonly number[], floor: readonly number[], twice: number): void {
  const [ours, raw] = [tookMs.toSorted((a, b) => a - b), floor.toSorted((a, b) => a - b)];
  for (const [name, share] of [
    ['p50', 0.5],
    ['p99', 0.99],
  ] as const) {
    const value = percentile(ours, share);
    const target = name === 'p99' ? targetMs : undefined;
    const floor = percentile(raw, share);
    report({
      measure: `finding-to-receiver-row-${name}`,
      value,
      unit: 'ms',
      floor,
      target,
      ok: value <= targetMs,
    });
  }
  const { length } = tookMs;
  report({
    measure: 'samples',
    value: length,
    unit: 'count',
    target: leastSamples,
    ok: length >= leastSamples,
  });
  report({ measure: 'applied-twice', value: twice, unit: 'count', target: 0, ok: twice === 0 });
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

const parts: Readonly<Record<string, () => Promise<void>>> = {
  chain: main,
  throughput: () => throughput({ events: 20_000, window: 100, rounds: 3 }),
  store: () => storeBench(Number(values.rows)),
};
const wanted = values.part === undefined ? Object.keys(parts) : [values.part];
for (const name of wanted) {
  const part = parts[name];
  if (!part) throw new Error(`no part is called "${name}". Use: ${Object.keys(parts).join(', ')}`);
  await part();
}
