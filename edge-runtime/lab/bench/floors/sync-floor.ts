/**
 * Floor of the sync bench: the same messages at the same rate without the product. One raw publisher,
 * mosquitto, one raw subscriber that inserts each message into SQLite (WAL, FULL) and nothing else. Imports
 * nothing of the product.
 */
import { setTimeout as delay } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { connect } from 'mqtt';

export interface SyncFloorOptions {
  readonly url: string;
  /** Database file to make. */
  readonly file: string;
  readonly samples: number;
  readonly intervalMs: number;
  readonly payloadBytes: number;
}

/** Milliseconds on the monotonic clock. */
function nowMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function dial(url: string) {
  const client = connect(url, { protocolVersion: 5, reconnectPeriod: 0, clean: true });
  const { stream } = client;
  if ('setNoDelay' in stream && typeof stream.setNoDelay === 'function') stream.setNoDelay(true);
  return new Promise<typeof client>((resolve, reject) => {
    client.once('connect', () => resolve(client));
    client.once('error', reject);
  });
}

/** Publish to committed row, milliseconds, one figure a message. */
export async function syncFloor(options: SyncFloorOptions): Promise<number[]> {
  const db = new Database(options.file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE raw (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO raw (body) VALUES (?)');
  const [publisher, subscriber] = await Promise.all([dial(options.url), dial(options.url)]);
  await subscriber.subscribeAsync('floor/events', { qos: 1 });
  const sentMs: number[] = [];
  const tookMs: number[] = [];
  const all = new Promise<void>((resolve) => {
    subscriber.on('message', (_topic, payload) => {
      const body = payload.toString('utf8');
      insert.run(body);
      tookMs.push(nowMs() - (sentMs[Number.parseInt(body, 10)] ?? 0));
      if (tookMs.length === options.samples) resolve();
    });
  });
  for (let i = 0; i < options.samples; i++) {
    sentMs.push(nowMs());
    publisher.publish('floor/events', `${i} `.padEnd(options.payloadBytes, 'x'), { qos: 1 });
    await delay(options.intervalMs);
  }
  await all;
  publisher.end(true);
  subscriber.end(true);
  db.close();
  return tookMs;
}
