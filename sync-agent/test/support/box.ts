import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EventClass } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { type Clock, type Log, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { Receiver } from '../../receiver/receiver.ts';
import { SqliteReceiverStore } from '../../receiver/sqlite-store.ts';
import type { Inspector } from '../../uplink/egress.ts';
import { MqttSink } from '../../uplink/mqtt-sink.ts';
import { RuntimeOutbox } from '../../uplink/outbox-source.ts';
import type { Sink } from '../../uplink/sink.ts';
import type { Beside, CommandLink } from '../../uplink/status-reporter.ts';
import { Uplink } from '../../uplink/uplink.ts';
import type { TestBroker } from './brokers.ts';
import { FakeRuntime } from './fake-runtime.ts';

export interface BoxOptions {
  readonly window?: number;
  readonly ackTimeoutMs?: number;
  readonly inspect?: Inspector;
  readonly log?: Log;
  /** One that runs already; a new one if absent. */
  readonly runtime?: FakeRuntime;
  readonly sink?: Sink;
  readonly maxKbps?: number;
  readonly commands?: CommandLink;
  readonly beside?: readonly Beside[];
  readonly clock?: Clock;
}

export function mqttSink(box: string, url: string, clock: Clock = systemClock): Sink {
  const kit = { clock, random: seededRandom(3), log: silentLog };
  return new MqttSink({
    ...kit,
    box,
    login: { url, clientId: `gatehouse-${box}` },
    topicPrefix: 'gatehouse',
  });
}

/** An uplink in this process against a broker and a fake runtime. */
export async function startBox(t: TestContext, broker: Pick<TestBroker, 'url'>, options: BoxOptions = {}) {
  const box = 'box-1';
  const runtime = options.runtime ?? (await FakeRuntime.start(t, box, scratchFolder(t)));
  const uplink = new Uplink({
    box,
    sink: options.sink ?? mqttSink(box, broker.url),
    maxKbps: options.maxKbps,
    commands: options.commands,
    beside: options.beside,
    window: options.window ?? 100,
    ackTimeoutMs: options.ackTimeoutMs ?? 10_000,
    source: new RuntimeOutbox(runtime.socket),
    clock: options.clock ?? systemClock,
    random: seededRandom(1),
    log: options.log ?? silentLog,
    ...(options.inspect ? { inspect: options.inspect } : {}),
  });
  uplink.start();
  t.after(() => uplink.stop());
  return { box, runtime, uplink };
}

/** A receiver in this process with its own database file; of all classes unless told otherwise. */
export function startReceiver(
  t: TestContext,
  broker: Pick<TestBroker, 'url'>,
  dir = scratchFolder(t),
  classes: readonly EventClass[] | undefined = undefined,
) {
  const file = join(dir, 'receiver.db');
  const receiver = new Receiver({
    login: {
      url: broker.url,
      clientId: `receiver-${process.pid}-${Math.floor(performance.timeOrigin)}-${classes ?? 'all'}`,
    },
    topicPrefix: 'gatehouse',
    classes,
    store: SqliteReceiverStore.open(file),
    clock: systemClock,
    random: seededRandom(2),
    log: silentLog,
  });
  receiver.start();
  t.after(() => receiver.stop());
  return { receiver, file };
}
