/**
 * Floor of the throughput bench, each end a process of its own: publisher -> broker -> subscriber -> SQLite
 * (WAL, FULL). The subscriber commits the messages of one turn of its event loop, and acknowledges the commit
 * by one message. The publisher keeps at most a window of messages in flight, ended by the broker's PUBACK or
 * by that acknowledgement. Nothing is checked, and a row has no index. Imports nothing of the product.
 *
 * `bare-chain.ts store --url URL --db FILE`, then `bare-chain.ts publish --url URL --bodies FILE --window N
 * --ended-by puback|commit`
 */
import { readFileSync } from 'node:fs';
import { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { connect, type MqttClient } from 'mqtt';

const eventTopic = 'bare/events';
const ackTopic = 'bare/acks';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    url: { type: 'string', default: '' },
    db: { type: 'string', default: '' },
    bodies: { type: 'string', default: '' },
    window: { type: 'string', default: '100' },
    'ended-by': { type: 'string', default: 'commit' },
  },
});

async function dial(url: string): Promise<MqttClient> {
  const client = connect(url, { protocolVersion: 5, reconnectPeriod: 0, clean: true });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
  return client;
}

/** Stores bodies until it is killed; says "ready" on stdout once it has subscribed. */
async function store(): Promise<void> {
  const db = new Database(values.db);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE raw (id INTEGER PRIMARY KEY, body TEXT NOT NULL)');
  const insert = db.prepare('INSERT INTO raw (body) VALUES (?)');
  const all = db.transaction((bodies: readonly string[]) => {
    for (const body of bodies) insert.run(body);
  });
  const client = await dial(values.url);
  let waiting: string[] = [];
  let stored = 0;
  const commit = () => {
    const batch = waiting;
    waiting = [];
    all.immediate(batch);
    stored += batch.length;
    client.publish(ackTopic, String(stored), { qos: 1 });
  };
  client.on('message', (_topic, payload) => {
    if (waiting.push(payload.toString('utf8')) === 1) setImmediate(commit);
  });
  await client.subscribeAsync(eventTopic, { qos: 1 });
  console.log('ready');
}

/** Publishes one line after another of the file of bodies, and ends when the window is empty again. */
async function publish(): Promise<void> {
  const bodies = readFileSync(values.bodies, 'utf8').trimEnd().split('\n');
  const window = Number(values.window);
  const client = await dial(values.url);
  let [sent, done] = [0, 0];
  const finished = new Promise<void>((resolve) => {
    const pump = (upTo: number) => {
      done = Math.max(done, upTo);
      while (sent < bodies.length && sent - done < window) {
        sent++;
        client.publish(eventTopic, bodies[sent - 1] ?? '', { qos: 1 }, () => {
          if (values['ended-by'] === 'puback') pump(done + 1);
        });
      }
      if (done >= bodies.length) resolve();
    };
    if (values['ended-by'] === 'commit')
      client.on('message', (_topic, payload) => pump(Number(payload.toString('utf8'))));
    client.subscribe(ackTopic, { qos: 1 }, () => pump(0));
  });
  await finished;
  client.end(true);
}

await (positionals[0] === 'store' ? store() : publish());
