/**
 * A district after an outage: all boxes connect at the same instant, each with a backlog, and raise live
 * alarms meanwhile. On this machine run mosquitto, the real receivers (one on SQLite, or several on a
 * PostgreSQL started for it) and simulated boxes (sync-agent/simulators/boxes.ts). Prints the time until all
 * is acknowledged, the time of the slowest box beside the median one, and the wait of live alarms. Then plain
 * SQL on the receivers' database is compared with the acknowledgements that the boxes saw. With
 * `--alarm-receiver` (needs postgres) the same storm comes a second time with one receiver more, which takes
 * alarms alone while the others leave them to it.
 *
 * `node edge-runtime/lab/bench/sync-storm.ts [--store sqlite|postgres] [--receivers N] [--alarm-receiver]
 * [--boxes N] [--backlog N] [--seed N] [--loads N] [--out FILE]`; progress on stderr.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { cpus, hostname, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { endProcess } from '@gatehouse/harness';
import { nodeFlagsOf } from '../demo/process-table.ts';
import { program, type Running, startMosquitto } from './sync-processes.ts';
import { type StormStore, stormStore } from './sync-storm-store.ts';

const root = join(import.meta.dirname, '../../..');
const { values } = parseArgs({
  options: {
    boxes: { type: 'string', default: '2000' },
    backlog: { type: 'string', default: '20' },
    window: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    loads: { type: 'string', default: '2' },
    'live-every-s': { type: 'string', default: '30' },
    'limit-s': { type: 'string', default: '300' },
    store: { type: 'string', default: 'sqlite' },
    receivers: { type: 'string', default: '1' },
    'alarm-receiver': { type: 'boolean', default: false },
    out: { type: 'string' },
  },
});
const count = Number(values.boxes);
const loads = Number(values.loads);
const receivers = Number(values.receivers);
const kind = values.store === 'postgres' ? 'postgres' : 'sqlite';

interface Outcome {
  readonly id: string;
  readonly backlogDoneMs?: number;
  readonly liveMs: readonly number[];
  readonly resends: number;
  readonly connects: number;
  readonly refusals: number;
  readonly acked: number;
  readonly waiting: number;
}

async function main(): Promise<void> {
  if (values['alarm-receiver'] && kind !== 'postgres')
    throw new Error('--alarm-receiver needs --store postgres: several receivers write one database');
  for (const split of values['alarm-receiver'] ? [false, true] : [false]) await storm(split);
}

/** One storm on a broker and a database of its own; `split`: alarms have a receiver to themselves. */
async function storm(split: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-storm-'));
  const store = await stormStore(kind, folder);
  const children: Running[] = [];
  const startedMs = performance.now();
  try {
    const broker = await startMosquitto(folder, districtLimits());
    children.push(broker);
    const general = split ? ['--classes', 'door,health,telemetry'] : [];
    const all = [
      ...Array.from({ length: receivers }, () => general),
      ...(split ? [['--classes', 'alarm']] : []),
    ];
    for (const classes of all) {
      const args = ['--url', broker.url, '--db', store.address, ...classes];
      const child = program('sync-agent/receiver/main.ts', args, {}, 'kept');
      children.push(child);
      // One after the other: the first makes the tables.
      await child.said(/broker-link-up/);
    }
    const loadBefore = loadavg()[0] ?? 0;
    const outcomes: Outcome[] = [];
    const stormMs = performance.now();
    await Promise.all(
      Array.from({ length: loads }, async (_, i) => {
        const child = loadOf(broker.url, i);
        children.push({ end: () => endProcess(child) });
        outcomes.push(...(await outcomesOf(child, i)));
      }),
    );
    const tookS = (performance.now() - stormMs) / 1000;
    const lines = [
      head(performance.now() - startedMs, loadBefore, split),
      ...measures(outcomes, tookS),
      ...(await rows(store, outcomes)),
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    process.stdout.write(text);
    if (values.out) await appendFile(values.out, text);
    if (lines.some((line) => 'ok' in line && line.ok === false)) process.exitCode = 1;
  } finally {
    for (const child of children.toReversed()) await child.end();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The limits of the broker that sync-agent/deploy describes, without its certificates. */
function districtLimits(): string[] {
  const file = join(root, 'sync-agent/deploy/mosquitto-district.conf');
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('max_'));
}

/** One of the processes that play the boxes, with its share of them. */
function loadOf(url: string, i: number): ChildProcess {
  const first = Math.floor((count * i) / loads);
  const given = {
    url,
    first,
    count: Math.floor((count * (i + 1)) / loads) - first,
    backlog: values.backlog,
    window: values.window,
    seed: values.seed,
    'live-every-s': values['live-every-s'],
    'limit-s': values['limit-s'],
  };
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const main = 'sync-agent/simulators/boxes.ts';
  const flags = nodeFlagsOf(main);
  return spawn(process.execPath, [...flags, join(root, main), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function outcomesOf(child: ChildProcess, load: number): Promise<Outcome[]> {
  if (!child.stdout) throw new Error('the load has no output');
  const gone = once(child, 'exit');
  const found: Outcome[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line);
    if (said.box) found.push(said.box);
    else process.stderr.write(`load ${load}: ${JSON.stringify(said.progress)}\n`);
  }
  await gone;
  return found;
}

function head(durationMs: number, loadBefore: number, alarmReceiver: boolean) {
  return {
    bench: 'sync-storm',
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim(),
    host: hostname(),
    cores: cpus().length,
    date: new Date().toISOString(),
    durationS: Math.round(durationMs / 1000),
    loadBefore: Math.round(loadBefore * 10) / 10,
    store: kind,
    receivers,
    alarmReceiver,
    boxes: count,
    backlog: Number(values.backlog),
    window: Number(values.window),
    seed: Number(values.seed),
    liveEveryS: Number(values['live-every-s']),
    loads,
  };
}

function measures(outcomes: readonly Outcome[], tookS: number) {
  const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, one) => total + of(one), 0);
  const done = outcomes.flatMap(({ backlogDoneMs }) => backlogDoneMs ?? []).toSorted((a, b) => a - b);
  const live = outcomes.flatMap(({ liveMs }) => liveMs).toSorted((a, b) => a - b);
  const acked = sum((one) => one.acked);
  const lastS = (done.at(-1) ?? Number.NaN) / 1000;
  return [
    line('boxes-all-acknowledged', done.length, 'count', count, done.length === count),
    line('events-acknowledged', acked, 'count'),
    line(
      'events-unacknowledged',
      sum((one) => one.waiting),
      'count',
      0,
      sum((one) => one.waiting) === 0,
    ),
    line('acknowledged-rate', acked / tookS, 'events/s'),
    line('backlog-acknowledged-last', lastS, 's'),
    line('backlog-acknowledged-median', at(done, 0.5) / 1000, 's'),
    line('slowest-box-to-median', (done.at(-1) ?? Number.NaN) / at(done, 0.5), 'ratio'),
    line('live-alarms', live.length, 'count'),
    line('live-alarm-acknowledged-p50', at(live, 0.5), 'ms'),
    line('live-alarm-acknowledged-p99', at(live, 0.99), 'ms'),
    line(
      'connects',
      sum((one) => one.connects),
      'count',
    ),
    line(
      'connects-failed',
      sum((one) => one.refusals),
      'count',
    ),
    line(
      'events-resent',
      sum((one) => one.resends),
      'count',
    ),
  ];
}

/** The rows of the receivers' database, by plain SQL, against the acknowledgements that the boxes saw. */
async function rows(store: StormStore, outcomes: readonly Outcome[]) {
  const one = async (sql: string) => Number(Object.values((await store.ask(sql))[0] ?? {})[0]);
  const perBox = await store.ask('SELECT box, count(*) AS n FROM events GROUP BY box');
  const held = new Map(perBox.map(({ box, n }) => [String(box), Number(n)]));
  const lost = outcomes.reduce((sum, { id, acked }) => sum + Math.max(0, acked - (held.get(id) ?? 0)), 0);
  const twice =
    (await one('SELECT count(*) FROM incidents WHERE applied <> 1')) +
    (await one('SELECT count(*) FROM commands WHERE applied <> 1'));
  const gaps = await one('SELECT count(*) FROM gaps');
  return [
    line('rows', await one('SELECT count(*) FROM events'), 'count'),
    line('acknowledged-and-not-held', lost, 'count', 0, lost === 0),
    line('applied-twice', twice, 'count', 0, twice === 0),
    line('gaps', gaps, 'count', 0, gaps === 0),
    line('delivered-again', await one('SELECT sum(deliveries - 1) FROM events'), 'count'),
  ];
}

function line(measure: string, value: number, unit: string, target?: number, ok = true) {
  return {
    bench: 'sync-storm',
    measure,
    value: Math.round(value * 1000) / 1000,
    unit,
    target: target ?? null,
    ok,
  };
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

await main();
