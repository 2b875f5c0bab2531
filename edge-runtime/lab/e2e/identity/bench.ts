import { randomBytes, randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { EventClass, UplinkStatus } from '@gatehouse/contracts';
import { until } from '@gatehouse/harness';
import { type Clock, isoWithOffset, type Log, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import { openReceiverStore } from '../../../../sync-agent/receiver/open-store.ts';
import type { ArrivedList } from '../../../../sync-agent/receiver/queries.ts';
import { openReader } from '../../../../sync-agent/receiver/reader.ts';
import { Receiver } from '../../../../sync-agent/receiver/receiver.ts';
import { MqttSink } from '../../../../sync-agent/uplink/mqtt-sink.ts';
import { RuntimeOutbox } from '../../../../sync-agent/uplink/outbox-source.ts';
import type { Sink } from '../../../../sync-agent/uplink/sink.ts';
import { Uplink } from '../../../../sync-agent/uplink/uplink.ts';
import { syncApi } from '../../../runtime/apis/sync-api.ts';

/**
 * A state directory that can be copied while its box is stopped, and the box that runs on it: store, sync's
 * socket, uplink.
 */
export class TestBox {
  readonly folder: string;
  readonly statuses: UplinkStatus[] = [];
  readonly #sink: (name: string) => Sink;
  readonly #run = mkdtempSync(join(tmpdir(), 'gh-id-'));
  readonly #clock: Clock;
  readonly #log: Log;
  #store: EventStore | undefined;
  #stop: () => Promise<void> = async () => undefined;

  constructor(
    t: TestContext,
    sink: (name: string) => Sink,
    from?: TestBox,
    clock: Clock = systemClock,
    log = silentLog,
  ) {
    this.#sink = sink;
    this.#clock = clock;
    this.#log = log;
    this.folder = mkdtempSync(join(tmpdir(), 'gh-id-'));
    if (from) cpSync(from.folder, this.folder, { recursive: true });
    t.after(async () => {
      await this.stop();
      for (const folder of [this.folder, this.#run]) rmSync(folder, { recursive: true, force: true });
    });
  }

  get store(): EventStore {
    if (!this.#store) throw new Error('the box is stopped');
    return this.#store;
  }

  /** @param linked false: the box works and has no way to the platform */
  async start(linked = true): Promise<void> {
    const store = new EventStore({
      file: join(this.folder, 'events.db'),
      box: 'box-1',
      clock: this.#clock,
      log: this.#log,
    });
    store.start();
    this.#store = store;
    const unused = {} as never;
    const report = (status: UplinkStatus) => this.statuses.push(status);
    const socket = join(this.#run, randomBytes(4).toString('hex'), 'api.sock');
    const api = syncApi({
      store,
      uplink: { report } as never,
      platform: unused,
      desired: unused,
      media: unused,
      clock: this.#clock,
      log: this.#log,
      socket,
    });
    await api.start();
    const uplink = linked
      ? new Uplink({
          box: 'box-1',
          sink: this.#sink('box-1'),
          window: 20,
          ackTimeoutMs: 500,
          source: new RuntimeOutbox(socket),
          clock: this.#clock,
          random: seededRandom(7),
          log: this.#log,
        })
      : undefined;
    uplink?.start();
    this.#stop = async () => {
      await uplink?.stop();
      await api.stop();
      store.stop();
    };
  }

  async stop(): Promise<void> {
    const stop = this.#stop;
    this.#stop = async () => undefined;
    await stop();
    this.#store = undefined;
  }

  /** Writes events, each of a device of its own; returns those devices. */
  write(count: number, eventclass: EventClass = 'door'): string[] {
    return Array.from({ length: count }, () => {
      const device = `d-${randomUUID()}`;
      const data = { device, comms: 'lost' };
      const time = isoWithOffset(this.#clock.epochMs());
      this.store.record({ eventclass, type: 'gatehouse.device-comms.v1', time, subject: device, data });
      return device;
    });
  }

  /** Writes as `write`, and waits until the platform has acknowledged all. */
  async send(count: number): Promise<string[]> {
    const written = this.write(count);
    await until('all is acknowledged', () => this.waiting() === 0);
    return written;
  }

  waiting(): number {
    return this.store.backlog().reduce((sum, { waiting }) => sum + waiting, 0);
  }
}

/** The platform on a database: a receiver, and the database's content. */
export async function startPlatform(t: TestContext, url: string, db: string) {
  const reader = openReader(db);
  const receiver = new Receiver({
    login: { url, clientId: `receiver-${randomBytes(4).toString('hex')}` },
    topicPrefix: 'gatehouse',
    store: await openReceiverStore(db, silentLog),
    clock: systemClock,
    random: seededRandom(2),
    log: silentLog,
  });
  receiver.start();
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= receiver.stop();
    return stopped;
  };
  t.after(async () => {
    await stop();
    await reader.close();
  });
  const list = (name: ArrivedList) => reader.list(name, 10_000);
  /** Devices whose event was applied, and how often each was. */
  const applied = async () =>
    new Map((await list('comms')).map(({ device, applied: times }) => [String(device), Number(times)]));
  return {
    list,
    applied,
    /** Those of `devices` whose event is not there, or more than once. */
    notOnce: async (devices: readonly string[]) => {
      const times = await applied();
      return devices.filter((device) => times.get(device) !== 1);
    },
    stop,
  };
}

export function mqttSink(
  url: string,
  clock: Clock = systemClock,
  log: Log = silentLog,
): (box: string) => Sink {
  return (box) =>
    new MqttSink({
      box,
      login: { url, clientId: `gatehouse-${box}` },
      topicPrefix: 'gatehouse',
      clock,
      random: seededRandom(3),
      log,
    });
}
