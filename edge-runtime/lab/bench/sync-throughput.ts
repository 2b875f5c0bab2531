/**
 * The rate at which a backlog leaves the box: events/s from the real outbox (runtime process, events.db with
 * FULL) through sync and mosquitto into the receiver's database (SQLite, FULL). In the same run the same
 * bodies go with the same window over the bare chain (floors/bare-chain.ts), and over two mosquittos joined
 * by a bridge: the store-and-forward that an installer could have without the product. A reader of the
 * database takes the time from a tenth to the last row.
 *
 * `npm run bench -- sync` runs it last; alone: `node edge-runtime/lab/bench/sync-throughput.ts [--events N]
 * [--window N] [--rounds N]`.
 */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { boxIn, until } from '@gatehouse/harness';
import { LocalClient, socketPath } from '@gatehouse/kit';
import Database from 'better-sqlite3';
import { laneYaml } from '../e2e/parking-lane.ts';
import { siteHead } from './bench-site.ts';
import { fillOutbox } from './sync-backlog.ts';
import { program, type Running, report, startMosquitto } from './sync-processes.ts';

const target = 0.8;
const lookMs = 5;
/** Connections, caches and the compiler are warm after this share of the events. */
const warmShare = 0.1;

export interface ThroughputOptions {
  readonly events: number;
  /** Most events in flight. */
  readonly window: number;
  /** Product and bare chain take turns this often; the median counts, since the machine is never alone. */
  readonly rounds: number;
}

/** Runs product, bare chain and bridge in turns and prints the measures. */
export async function throughput({ events, window, rounds }: ThroughputOptions): Promise<void> {
  const rates: Record<'product' | 'commit' | 'puback' | 'bridge', number[]> = {
    product: [],
    commit: [],
    puback: [],
    bridge: [],
  };
  for (let round = 0; round < rounds; round++) {
    const { rate, bodies, folder, twice } = await productRate(events, window);
    try {
      rates.product.push(rate);
      if (twice > 0)
        report({ measure: 'throughput-applied-twice', value: twice, unit: 'count', target: 0, ok: false });
      const file = join(folder, 'bodies.ndjson');
      await writeFile(file, bodies.join('\n'));
      const chain = { folder, file, events, window };
      rates.commit.push(await bareRate({ ...chain, endedBy: 'commit', bridged: false }));
      rates.puback.push(await bareRate({ ...chain, endedBy: 'puback', bridged: false }));
      rates.bridge.push(await bareRate({ ...chain, endedBy: 'puback', bridged: true }));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  const [value, commit, puback, bridge] = [rates.product, rates.commit, rates.puback, rates.bridge].map(
    median,
  );
  if (value === undefined || commit === undefined || puback === undefined || bridge === undefined) return;
  const unit = 'events/s';
  report({ measure: 'outbox-to-receiver', value, unit, floor: commit, target, ok: value / commit >= target });
  report({ measure: 'outbox-to-receiver-against-puback-window', value, unit, floor: puback });
  report({ measure: 'mosquitto-bridge', value: bridge, unit, floor: puback });
}

/** The real box with a backlog, and the real receiver. Leaves its folder for the bare chain to work in. */
async function productRate(events: number, window: number) {
  const folder = await mkdtemp(join(tmpdir(), 'gh-through-'));
  const children: Running[] = [];
  try {
    const bodies = fillOutbox(join(folder, 'events.db'), events);
    const broker = await startMosquitto(folder);
    children.push(broker);
    const file = join(folder, 'receiver.db');
    const uplink = `uplink: { url: "${broker.url}", window: ${window} }\n`;
    const env = boxIn(folder, `${siteHead}${laneYaml}${uplink}`);
    children.push(program('sync-agent/receiver/main.ts', ['--url', broker.url, '--db', file]));
    children.push(program('edge-runtime/runtime/main.ts', [], env));
    const outbox = new LocalClient('runtime', socketPath('runtime', 'sync', env));
    await until('the runtime answers', () =>
      outbox.callRaw('GET', '/outbox?class=alarm&after=0&limit=1').then(
        () => true,
        () => false,
      ),
    );
    await until('the receiver has its database', () => existsSync(file));
    children.push(program('sync-agent/main.ts', [], env));
    const rate = await rateOf(file, 'events', events);
    return { rate, bodies, folder, twice: appliedTwice(file) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    for (const child of children.toReversed()) await child.end();
  }
}

const bareChain = 'edge-runtime/lab/bench/floors/bare-chain.ts';

interface BareOptions {
  readonly folder: string;
  readonly file: string;
  readonly events: number;
  readonly window: number;
  readonly endedBy: 'puback' | 'commit';
  readonly bridged: boolean;
}

async function bareRate({ folder, file, events, window, endedBy, bridged }: BareOptions): Promise<number> {
  const children: Running[] = [];
  const own = join(folder, `${endedBy}-${bridged}`);
  await mkdir(own);
  try {
    // A PUBACK bounds nothing behind the broker: with its queue of 1,000 it dropped 232 of 10,000 behind a
    // bridge.
    const far = await startMosquitto(own, ['max_queued_messages 0']);
    children.push(far);
    const near = bridged ? await startMosquitto(own, bridgeTo(far.port, window)) : far;
    if (bridged) children.push(near);
    const db = join(own, 'bare.db');
    const store = program(bareChain, ['store', '--url', far.url, '--db', db], {}, 'kept');
    children.push(store);
    await store.said(/./);
    // A bridge that is not up yet would be measured as waiting: it connects within its first second.
    if (bridged) await delay(2000);
    const given = ['--url', near.url, '--bodies', file, '--window', String(window), '--ended-by', endedBy];
    children.push(program(bareChain, ['publish', ...given]));
    return await rateOf(db, 'raw', events);
  } finally {
    for (const child of children.toReversed()) await child.end();
  }
}

/** mosquitto.conf(5), "Configuring Bridges". The queue is as long as a backlog, or it would drop. */
function bridgeTo(port: number, window: number): string[] {
  return [
    `max_inflight_messages ${window}`,
    'max_queued_messages 0',
    'connection up',
    `address 127.0.0.1:${port}`,
    'bridge_protocol_version mqttv50',
    'bridge_attempt_unsubscribe false',
    'topic bare/events out 1',
    'restart_timeout 1',
  ];
}

/** Rows a second between the first tenth and the last row, as a reader beside it sees them. */
async function rateOf(file: string, table: 'events' | 'raw', rows: number): Promise<number> {
  const db = new Database(file, { readonly: true, timeout: 5000 });
  try {
    const count = db.prepare(`SELECT coalesce(max(rowid), 0) FROM ${table}`).pluck();
    const warmRows = rows * warmShare;
    let from: { ms: number; rows: number } | undefined;
    const endMs = performance.now() + 120_000;
    for (;;) {
      const now = { ms: performance.now(), rows: Number(count.get()) };
      if (now.rows >= warmRows) from ??= now;
      if (from && now.rows >= rows) return ((now.rows - from.rows) * 1000) / (now.ms - from.ms);
      if (now.ms > endMs) throw new Error(`${now.rows} of ${rows} rows in ${file} after 120 s`);
      await delay(lookMs);
    }
  } finally {
    db.close();
  }
}

/** Incidents whose changes were applied more than once; each has exactly one here. */
function appliedTwice(file: string): number {
  const db = new Database(file, { readonly: true });
  try {
    return Number(db.prepare('SELECT count(*) FROM incidents WHERE applied <> 1').pluck().get());
  } finally {
    db.close();
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      events: { type: 'string', default: '20000' },
      window: { type: 'string', default: '100' },
      rounds: { type: 'string', default: '3' },
    },
  });
  await throughput({
    events: Number(values.events),
    window: Number(values.window),
    rounds: Number(values.rounds),
  });
}
