/**
 * Sync bench: the frame that decides an incident leaves the vision socket -> the row is in the receiver's database.
 * On the way, each its own process: runtime (rules, events.db with FULL), sync, mosquitto, receiver (SQLite with
 * FULL). A reader of the receiver's database that looks every 2 ms takes the time, so the figure is never too good.
 * The floor in the same run: raw publish -> mosquitto -> raw subscriber -> SQLite FULL insert.
 *
 * `--part store` measures the event store under a backlog instead (sync-store.ts).
 *
 * `npm run bench -- sync [--part chain|store] [--samples N] [--rate N] [--rows N]`; JSON lines on stdout, exit code 1 when a target is missed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WireIncident } from '@gatehouse/contracts';
import Database from 'better-sqlite3';
import { syncFloor } from './floors/sync-floor.ts';
import { benchCameraYaml, type EventSource, FakeVision } from './sync-source.ts';
import { storeBench } from './sync-store.ts';

const targetMs = 500;
const leastSamples = 500;
const lookMs = 2;
const warmUps = 40;
const root = join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'chain' },
    samples: { type: 'string', default: '600' },
    rate: { type: 'string', default: '20' },
    rows: { type: 'string', default: '1000000' },
  },
});
const samples = Number(values.samples);
const intervalMs = 1000 / Number(values.rate);

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-sync-'));
  const children: ChildProcess[] = [];
  try {
    const port = await freePort();
    await writeFile(
      join(folder, 'mosquitto.conf'),
      `listener ${port} 127.0.0.1\nallow_anonymous true\npersistence false\nset_tcp_nodelay true\nlog_dest none\n`,
    );
    children.push(spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' }));
    const url = `mqtt://127.0.0.1:${port}`;
    const { env, file } = await startBox(folder, url, children);
    const source = new FakeVision(env);
    await source.listen();
    const { tookMs, twice, bytes } = await endToEnd(source, file);
    const floor = await syncFloor({
      url,
      file: join(folder, 'floor.db'),
      samples,
      intervalMs,
      payloadBytes: Math.round(bytes),
    });
    print(tookMs, floor, twice);
    await source.close();
  } finally {
    for (const child of children) await end(child);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Starts runtime, sync and receiver as the box does; their logs go to stderr only where they fail. */
async function startBox(folder: string, url: string, children: ChildProcess[]) {
  const site = join(folder, 'site.yaml');
  const file = join(folder, 'receiver.db');
  await writeFile(
    site,
    `version: 1
site: { id: bench, name: { zh-CN: 测试, en: Bench } }
box: { id: bench }
${benchCameraYaml}uplink: { url: "${url}" }
`,
  );
  const env = {
    ...process.env,
    GATEHOUSE_SITE: site,
    GATEHOUSE_STATE_DIR: folder,
    GATEHOUSE_RUN_DIR: join(folder, 'run'),
    GATEHOUSE_CONSOLE_PORT: '0',
  };
  const service = (main: string, args: readonly string[]) =>
    spawn(process.execPath, [join(root, main), ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  children.push(
    service('sync-agent/receiver/main.ts', ['--url', url, '--db', file]),
    service('edge-runtime/main.ts', []),
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
    report(`finding-to-receiver-row-${name}`, value, 'ms', percentile(raw, share), target, value <= targetMs);
  }
  report('samples', tookMs.length, 'count', undefined, leastSamples, tookMs.length >= leastSamples);
  report('applied-twice', twice, 'count', undefined, 0, twice === 0);
}

function report(
  measure: string,
  value: number,
  unit: string,
  floor: number | undefined,
  target: number | undefined,
  ok: boolean,
): void {
  const round = (n: number) => Math.round(n * 1000) / 1000;
  const ratio = floor === undefined ? null : round(value / floor);
  const line = {
    bench: 'sync',
    measure,
    value: round(value),
    unit,
    floor: floor === undefined ? null : round(floor),
  };
  console.log(JSON.stringify({ ...line, ratio, target: target ?? null, ok }));
  if (!ok) process.exitCode = 1;
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

async function until(what: string, probe: () => boolean, limitMs = 60_000): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!probe()) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await delay(10);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

if (values.part === 'store') await storeBench(Number(values.rows));
else await main();
