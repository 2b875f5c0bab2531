/**
 * A load of boxes: each with its own MQTT 5 connection, a backlog of events and now and then a live alarm,
 * and the sending rules of a box (window, a part of it kept for alarms, resend after a time-out, back-off
 * with jitter), written anew from the published contract. Imports nothing of the product. Several may run
 * side by side, each with its range of boxes.
 *
 * `boxes.ts --url URL --first N --count N [--backlog N] [--window N] [--seed N] [--spread-ms N]
 * [--live-every-s S] [--limit-s S]` JSON lines on stdout: progress every second, and one with a figure for
 * each box at the end.
 */
import { Socket } from 'node:net';
import { parseArgs } from 'node:util';
import { connect, type MqttClient } from 'mqtt';
import { boxEvent, seeded } from './box-events.ts';

const prefix = 'gatehouse';
const ackTimeoutMs = 10_000;
const backoff = { firstMs: 250, capMs: 30_000 };
/** A fifth of the window stays free for alarms. */
const alarmShare = 0.2;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'mqtt://127.0.0.1:1883' },
    first: { type: 'string', default: '0' },
    count: { type: 'string', default: '100' },
    backlog: { type: 'string', default: '10' },
    window: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    'spread-ms': { type: 'string', default: '0' },
    'live-every-s': { type: 'string', default: '30' },
    'limit-s': { type: 'string', default: '300' },
  },
});
const settings = {
  url: values.url,
  window: Number(values.window),
  backlog: Number(values.backlog),
  spreadMs: Number(values['spread-ms']),
  liveEveryMs: Number(values['live-every-s']) * 1000,
  limitMs: Number(values['limit-s']) * 1000,
};

const nowMs = () => performance.now();

/** One class of one box: numbers from 1, sent in order, acknowledged cumulatively. */
interface Lane {
  readonly name: 'alarm' | 'door';
  last: number;
  sent: number;
  acked: number;
  sentAtMs: number;
  /** Resends since the last acknowledgement: each comes later than the one before. */
  tries: number;
}

/** A box between its first connection and its last acknowledgement. */
class SimulatedBox {
  readonly id: string;
  /** Milliseconds from the start of the run to the acknowledgement of the whole backlog. */
  backlogDoneMs: number | undefined;
  readonly liveMs: number[] = [];
  resends = 0;
  connects = 0;
  refusals = 0;
  readonly #random: () => number;
  readonly #epoch: string;
  readonly #door: Lane;
  readonly #alarm: Lane = { name: 'alarm', last: 0, sent: 0, acked: 0, sentAtMs: 0, tries: 0 };
  readonly #raisedMs = new Map<number, number>();
  readonly #startMs: number;
  #client: MqttClient | undefined;
  #attempt = 0;
  #ended = false;

  constructor(number: number, seed: number, startMs: number) {
    this.id = `box-${String(number).padStart(5, '0')}`;
    this.#random = seeded(seed * 1_000_003 + number);
    this.#epoch = `epoch-${seed}-${String(number).padStart(5, '0')}`;
    this.#startMs = startMs;
    this.#door = { name: 'door', last: settings.backlog, sent: 0, acked: 0, sentAtMs: 0, tries: 0 };
    setTimeout(() => this.#connect(), this.#random() * settings.spreadMs);
    this.#armLive();
  }

  get waiting(): number {
    return this.#door.last - this.#door.acked + this.#alarm.last - this.#alarm.acked;
  }
  get acked(): number {
    return this.#door.acked + this.#alarm.acked;
  }

  end(): void {
    this.#ended = true;
    this.#client?.end(true);
  }

  /** Events that waited too long for an acknowledgement go out again, from the first unacknowledged on. */
  resendOverdue(): void {
    for (const lane of [this.#alarm, this.#door])
      if (lane.sent > lane.acked && nowMs() - lane.sentAtMs > this.#patienceMs(lane)) {
        lane.tries++;
        this.resends += lane.sent - lane.acked;
        lane.sent = lane.acked;
      }
    this.#pump();
  }

  /**
   * The acknowledgement time-out and a quarter to a half of it more at first, up to five times it in the end.
   */
  #patienceMs(lane: Lane): number {
    const more = Math.min(ackTimeoutMs * 4, (ackTimeoutMs / 2) * 2 ** lane.tries);
    return ackTimeoutMs + more * (0.5 + this.#random() / 2);
  }

  #armLive(): void {
    if (settings.liveEveryMs === 0) return;
    setTimeout(
      () => {
        if (this.#ended || this.backlogDoneMs !== undefined) return;
        this.#alarm.last++;
        this.#raisedMs.set(this.#alarm.last, nowMs());
        this.#pump();
        this.#armLive();
      },
      this.#random() * 2 * settings.liveEveryMs,
    );
  }

  #connect(): void {
    if (this.#ended) return;
    this.connects++;
    const client = connect(settings.url, {
      protocolVersion: 5,
      clientId: `gatehouse-${this.id}`,
      reconnectPeriod: 0,
      clean: true,
      connectTimeout: 20_000,
      keepalive: 60,
    });
    if (client.stream instanceof Socket) client.stream.setNoDelay(true);
    client.on('error', () => {
      this.refusals++;
      client.end(true);
    });
    client.once('close', () => {
      this.#client = undefined;
      const mostMs = Math.min(backoff.capMs, backoff.firstMs * 2 ** this.#attempt++);
      if (!this.#ended) setTimeout(() => this.#connect(), mostMs * (0.5 + this.#random() / 2));
    });
    client.on('message', (_topic, payload) => this.#take(payload));
    client.once('connect', () =>
      client.subscribe(`${prefix}/${this.id}/acks`, { qos: 1 }, (error) => {
        if (error) return client.end(true);
        this.#client = client;
        this.#attempt = 0;
        this.#door.sent = this.#door.acked;
        this.#alarm.sent = this.#alarm.acked;
        this.#pump();
      }),
    );
  }

  #take(payload: Buffer): void {
    const ack = JSON.parse(payload.toString('utf8'));
    if (ack.epoch !== this.#epoch) return;
    const lane = ack.eventclass === 'alarm' ? this.#alarm : this.#door;
    for (let n = lane.acked + 1; lane === this.#alarm && n <= ack.upTo; n++)
      this.liveMs.push(nowMs() - (this.#raisedMs.get(n) ?? nowMs()));
    lane.acked = Math.max(lane.acked, Math.min(ack.upTo, lane.sent));
    lane.sentAtMs = nowMs();
    lane.tries = 0;
    if (this.#door.acked === this.#door.last) this.backlogDoneMs ??= nowMs() - this.#startMs;
    this.#pump();
  }

  #pump(): void {
    const client = this.#client;
    if (!client) return;
    for (const lane of [this.#alarm, this.#door]) {
      const most = lane.name === 'alarm' ? settings.window : Math.ceil(settings.window * (1 - alarmShare));
      const flying = () => this.#alarm.sent - this.#alarm.acked + this.#door.sent - this.#door.acked;
      while (lane.sent < lane.last && flying() < most) {
        lane.sent++;
        lane.sentAtMs = nowMs();
        const { id, acked } = { id: this.id, acked: lane.acked };
        const body = boxEvent({
          box: id,
          epoch: this.#epoch,
          eventclass: lane.name,
          sequence: lane.sent,
          settled: acked,
        });
        client.publish(`${prefix}/${this.id}/events/${lane.name}`, body, {
          qos: 1,
          properties: { contentType: 'application/cloudevents+json' },
        });
      }
    }
  }
}

const startMs = nowMs();
const boxes = Array.from(
  { length: Number(values.count) },
  (_, i) => new SimulatedBox(Number(values.first) + i, Number(values.seed), startMs),
);
const sum = (of: (box: SimulatedBox) => number) => boxes.reduce((total, box) => total + of(box), 0);
const every = setInterval(() => {
  for (const box of boxes) box.resendOverdue();
  const done = boxes.filter((box) => box.backlogDoneMs !== undefined).length;
  console.log(
    JSON.stringify({ progress: { done, acked: sum((b) => b.acked), waiting: sum((b) => b.waiting) } }),
  );
  const over = nowMs() - startMs > settings.limitMs;
  if (!over && sum((box) => box.waiting) > 0) return;
  clearInterval(every);
  for (const box of boxes) {
    const { id, backlogDoneMs, liveMs, resends, connects, refusals, acked, waiting } = box;
    console.log(
      JSON.stringify({ box: { id, backlogDoneMs, liveMs, resends, connects, refusals, acked, waiting } }),
    );
    box.end();
  }
  // Timers of live alarms still to come hold the process.
  process.stdout.write('', () => process.exit(0));
}, 1000);
