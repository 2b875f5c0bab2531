/**
 * A box that was offline for weeks: 1,000,000 unsent events in events.db when everything starts. Measures:
 *
 * - from the start of runtime and drivers to a door opened through the runtime and read back;
 * - the rate at which the backlog reaches the platform's database;
 * - the delay of alarms of now meanwhile;
 * - the memory of every service.
 *
 * Each is its own process: runtime, sync, drivers, a simulated door, mosquitto, receiver (SQLite with FULL).
 *
 * `node edge-runtime/lab/bench/sync-drain.ts [--events N] [--out
 * edge-runtime/lab/bench/results/sync-drain.jsonl]`: about ten minutes. It prints a line every 15 s and the
 * measures, as JSON lines, the first with commit, host, parameters and duration. `--out` puts the same into a
 * file, to be committed. A run of fewer than a million is a miss, whatever it measured. Exit 1 when a measure
 * is missed.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CommandOutcome, WireIncident } from '@gatehouse/contracts';
import { boxIn, Mosquitto } from '@gatehouse/harness';
import { LocalClient, socketPath, systemClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import Database from 'better-sqlite3';
import { DoorPlant } from '../../../drivers/simulators/plants.ts';
import { RelayBoard } from '../../../drivers/simulators/relay-board.ts';
import { TcpSlave } from '../../../drivers/simulators/tcp-slave.ts';
import { laneYaml } from '../e2e/parking-lane.ts';
import { madeBy } from './bench-report.ts';
import { benchDoor, siteHead } from './bench-site.ts';
import { seedBacklog } from './sync-past.ts';
import { program, type Running } from './sync-processes.ts';
import { FakeVision } from './sync-source.ts';

const wholeEvents = 1_000_000;
const targets = { doorMs: 2_000, liveP99Ms: 1_000, growth: 1.15 };
const liveEveryMs = 500;
const lookEveryMs = 5;
const tellEveryMs = 15_000;
const doorChannel = 3;
const { values } = parseArgs({
  options: { events: { type: 'string', default: String(wholeEvents) }, out: { type: 'string' } },
});
const events = Number(values.events);

/** One line, printed and kept. */
function tell(line: object): void {
  const text = JSON.stringify(line);
  console.log(text);
  if (values.out) appendFileSync(values.out, `${text}\n`);
}

let missed = events < wholeEvents;
function measure(
  name: string,
  { value, unit, target, ok }: { value: number; unit: string; target?: number; ok: boolean },
): void {
  if (!ok) missed = true;
  tell({ bench: 'sync-drain', measure: name, value: Math.round(value * 1000) / 1000, unit, target, ok });
}

const siteOf = (url: string, doorPort: number) => `${siteHead}clock: { keptBy: elsewhere }
${laneYaml}${benchDoor(doorPort, doorChannel)}uplink: { url: "${url}" }
`;

/** Tries until the door has been opened and read back; milliseconds from `startMs` on. */
async function doorOpened(env: NodeJS.ProcessEnv, startMs: number): Promise<number> {
  const client = new LocalClient('runtime', socketPath('runtime', 'flows', env));
  for (let tries = 0; tries < 3_000; tries++) {
    try {
      const body = { action: 'open' };
      const { state } = CommandOutcome.parse(await client.call('POST', '/devices/door/requests', { body }));
      if (state === 'confirmed') return performance.now() - startMs;
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
    await delay(20);
  }
  throw new Error('the door could not be opened within a minute');
}

/** True if the receiver has made its tables. */
function isReady(file: string): boolean {
  if (!existsSync(file)) return false;
  const db = new Database(file, { readonly: true, timeout: 5_000 });
  const tables = db.prepare("SELECT count(*) FROM sqlite_master WHERE name = 'events'").pluck().get();
  db.close();
  return tables === 1;
}

function residentMegabytes({ pid }: { readonly pid: number }): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/**
 * The delay of alarms of now, and the number of events that have arrived, seen in the platform's database.
 */
class Arrivals {
  readonly latenciesMs: number[] = [];
  readonly #db: Database.Database;
  readonly #source: FakeVision;
  #last = 0;
  constructor(file: string, source: FakeVision) {
    this.#db = new Database(file, { readonly: true, timeout: 5_000 });
    this.#source = source;
  }
  get count(): number {
    return this.#last;
  }
  look(): void {
    const rows = this.#db
      .prepare('SELECT rowid AS row, historical, class, data FROM events WHERE rowid > ? ORDER BY rowid')
      .all(this.#last) as { row: number; historical: number; class: string; data: string }[];
    for (const { row, historical, class: eventclass, data } of rows) {
      this.#last = row;
      if (historical === 1 || eventclass !== 'alarm') continue;
      const sentMs = this.#source.sentAtMs(WireIncident.parse(JSON.parse(data)).evidence?.atMs ?? 0);
      if (sentMs !== undefined) this.latenciesMs.push(performance.now() - sentMs);
    }
  }
  /** Events more than once, and numbers that are missing up to what was acknowledged. */
  faults(): { twice: number; holes: number } {
    const count = (sql: string) => Number(this.#db.prepare(sql).pluck().get());
    return {
      twice: count('SELECT count(*) - count(DISTINCT id) FROM events'),
      holes: count(
        'SELECT COALESCE(SUM(n), 0) FROM (SELECT MAX(sequence) - count(*) AS n FROM events GROUP BY class)',
      ),
    };
  }
  close(): void {
    this.#db.close();
  }
}

if (values.out) writeFileSync(values.out, '');
tell({
  bench: 'sync-drain',
  ...madeBy(),
  events,
  whole: events >= wholeEvents,
  began: new Date().toISOString(),
});
const folder = await mkdtemp(join(tmpdir(), 'gh-drain-'));
const children: Running[] = [];
const slave = new TcpSlave(new RelayBoard([new DoorPlant(doorChannel, doorChannel, 2, 0)]));
try {
  await slave.listen(0);
  const broker = await Mosquitto.start(folder);
  children.push(broker);
  const { url } = broker;
  const env = boxIn(folder, siteOf(url, slave.port));
  const service = (main: string, args: readonly string[] = []) => {
    const child = program(main, args, env);
    children.push(child);
    return child;
  };
  const database = join(folder, 'events.db');
  const store = new EventStore({ file: database, box: 'bench', clock: systemClock });
  store.start();
  store.stop();
  const seedMs = performance.now();
  seedBacklog(database, 'bench', events);
  tell({ seededInS: Math.round((performance.now() - seedMs) / 1000) });

  const source = new FakeVision(env);
  await source.listen();
  const startMs = performance.now();
  const drivers = service('drivers/main.ts');
  const runtime = service('edge-runtime/runtime/main.ts');
  const doorMs = await doorOpened(env, startMs);
  measure('start-to-door-confirmed', {
    value: doorMs,
    unit: 'ms',
    target: targets.doorMs,
    ok: doorMs <= targets.doorMs,
  });

  const file = join(folder, 'receiver.db');
  const receiver = service('sync-agent/receiver/main.ts', ['--url', url, '--db', file]);
  while (!isReady(file)) await delay(50);
  const sync = service('sync-agent/main.ts');
  await source.ready();
  const arrivals = new Arrivals(file, source);
  const memory: Record<string, number[]> = { drivers: [], runtime: [], sync: [], receiver: [] };
  const drainMs = performance.now();
  let [liveMs, toldMs, sent] = [drainMs, drainMs, 0];
  while (arrivals.count < events + sent || performance.now() < liveMs) {
    const nowMs = performance.now();
    // An alarm that is sent before the first connection waits for that, not for the backlog.
    if (nowMs >= liveMs && arrivals.count > 0 && arrivals.count < events) {
      source.next();
      sent++;
      liveMs = nowMs + liveEveryMs;
    }
    arrivals.look();
    if (nowMs - toldMs >= tellEveryMs) {
      toldMs = nowMs;
      for (const [name, child] of Object.entries({ drivers, runtime, sync, receiver }))
        memory[name]?.push(residentMegabytes(child));
      const now = Object.fromEntries(
        Object.entries(memory).map(([name, all]) => [name, Math.round(all.at(-1) ?? 0)]),
      );
      tell({ second: Math.round((nowMs - drainMs) / 1000), arrived: arrivals.count, megabytes: now });
    }
    if (nowMs - drainMs > 3_600_000) throw new Error('the backlog did not drain within an hour');
    await delay(lookEveryMs);
  }
  const seconds = (performance.now() - drainMs) / 1000;
  measure('drained-per-second', { value: events / seconds, unit: '1/s', ok: true });
  const sorted = arrivals.latenciesMs.toSorted((a, b) => a - b);
  const p99 = sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN;
  measure('live-alarms', { value: sorted.length, unit: 'count', target: sent, ok: sorted.length >= sent });
  measure('live-alarm-p99', {
    value: p99,
    unit: 'ms',
    target: targets.liveP99Ms,
    ok: p99 <= targets.liveP99Ms,
  });
  for (const [name, all] of Object.entries(memory)) {
    const quarter = Math.max(1, Math.floor(all.length / 4));
    const mean = (part: readonly number[]) =>
      part.reduce((sum, mb) => sum + mb, 0) / Math.max(1, part.length);
    const ratio = mean(all.slice(-quarter)) / mean(all.slice(quarter, 2 * quarter));
    measure(`memory-${name}`, {
      value: ratio,
      unit: 'ratio',
      target: targets.growth,
      ok: ratio <= targets.growth,
    });
  }
  const { twice, holes } = arrivals.faults();
  measure('applied-twice', { value: twice, unit: 'count', target: 0, ok: twice === 0 });
  measure('lost', { value: holes, unit: 'count', target: 0, ok: holes === 0 });
  arrivals.close();
  await source.close();
} finally {
  await Promise.all(children.map((child) => child.end()));
  await slave.close();
  await rm(folder, { recursive: true, force: true });
}
if (missed) process.exitCode = 1;
