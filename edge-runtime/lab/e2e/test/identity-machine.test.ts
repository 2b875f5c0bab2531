import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type OutboxClaim, topics, type WireAck, type WireEvent } from '@gatehouse/contracts';
import { GatehouseError, isoWithOffset, ManualClock, silentLog } from '@gatehouse/kit';
import { EventStore } from '@gatehouse/store';
import fc from 'fast-check';
import { type ReceivedEvent, takeIn } from '../../../../sync-agent/receiver/intake.ts';
import { openReceiverStore } from '../../../../sync-agent/receiver/open-store.ts';
import { openReader } from '../../../../sync-agent/receiver/reader.ts';
import type { ReceiverStore } from '../../../../sync-agent/receiver/store.ts';

/**
 * Events that can happen to two boxes of one id. `where` chooses one of them; `pick` chooses which of the
 * present events is sent, and in which order. Acknowledgements go to both, as a broker hands them to every
 * client that has the id.
 */
type Step =
  | { readonly do: 'write'; readonly where: 0 | 1; readonly count: number }
  | {
      readonly do: 'send';
      readonly where: 0 | 1;
      readonly pick: readonly number[];
      readonly isAckLost: boolean;
    }
  | { readonly do: 'keep' | 'put-back' | 'copy' | 'restart'; readonly where: 0 | 1 };

const where = fc.constantFrom(0 as const, 1 as const);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('write' as const), where, count: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('send' as const),
      where,
      pick: fc.array(fc.nat(7), { minLength: 1, maxLength: 8 }),
      isAckLost: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('keep' as const, 'put-back' as const, 'copy' as const, 'restart' as const),
      where,
    }),
  },
);

/** One of the two boxes: a real store, and beside it the names that it must bring to the platform. */
class Box {
  readonly folder: string;
  readonly clock: ManualClock;
  /**
   * The oracle: the events that this history has written. A history that is put back or copied takes the
   * names of the other.
   */
  names: ReadonlySet<string> = new Set();
  /** The newest number that this start has sent of an epoch. */
  sent = { epoch: '', upTo: 0 };
  store: EventStore;

  constructor(folder: string, clock: ManualClock) {
    this.folder = folder;
    this.clock = clock;
    this.store = this.#open();
  }

  restart(): void {
    this.store.stop();
    this.store = this.#open();
    this.sent = { epoch: '', upTo: 0 };
  }

  /** Puts another state into the place of this one's. */
  take(folder: string, names: ReadonlySet<string>): void {
    this.store.stop();
    rmSync(this.folder, { recursive: true });
    cpSync(folder, this.folder, { recursive: true });
    this.names = names;
    this.store = this.#open();
    this.sent = { epoch: '', upTo: 0 };
  }

  /** Leaves its state as files. */
  keep(folder: string): ReadonlySet<string> {
    this.store.stop();
    rmSync(folder, { recursive: true, force: true });
    cpSync(this.folder, folder, { recursive: true });
    this.store = this.#open();
    this.sent = { epoch: '', upTo: 0 };
    return this.names;
  }

  write(name: string): void {
    const time = isoWithOffset(this.clock.epochMs());
    const data = { device: name, comms: 'lost' } as const;
    this.store.record({ eventclass: 'door', type: 'gatehouse.device-comms.v1', time, subject: name, data });
    this.names = new Set([...this.names, name]);
  }

  /** The events that go out now, as they are dressed for the way. */
  page(limit: number): WireEvent[] {
    const { epoch, events, begins } = this.store.outboxBatch('door', 0, limit);
    const settled = Math.max((events[0]?.sequence ?? 1) - 1, 0);
    if (this.sent.epoch !== epoch) this.sent = { epoch, upTo: 0 };
    return events.map((event) => ({ ...event, settled, ...(begins === undefined ? {} : { begins }) }));
  }

  /** The platform's answers reach the store as sync hands them on. */
  hear({ epoch, eventclass, upTo, digest, conflict }: WireAck): void {
    if (epoch !== this.sent.epoch) return;
    const about = { epoch, eventclass };
    if (conflict)
      this.#attempt(() => this.store.doubtOutbox({ ...about, claim: { as: 'refused', ...conflict } }));
    const claim: OutboxClaim | undefined =
      upTo > 0 && digest ? { as: 'held', sequence: upTo, digest } : undefined;
    const covered = Math.min(upTo, this.sent.upTo);
    this.#attempt(() =>
      this.store.acknowledgeOutbox({ ...about, upTo: covered, ...(claim ? { claim } : {}) }),
    );
  }

  #attempt(work: () => unknown): void {
    try {
      work();
    } catch (error) {
      // An epoch that has ended meanwhile, or one word too many within an hour.
      if (!(error instanceof GatehouseError)) throw error;
      assert.match(error.code, /^(ACK_NOT_OURS|FORKS_LIMITED)$/);
    }
  }

  #open(): EventStore {
    const store = new EventStore({
      file: join(this.folder, 'events.db'),
      box: 'box-1',
      clock: this.clock,
      log: silentLog,
    });
    store.start();
    return store;
  }
}

class World {
  readonly boxes: readonly [Box, Box];
  readonly #platform: ReceiverStore;
  readonly #clock: ManualClock;
  readonly #kept: string;
  #keptNames: ReadonlySet<string> | undefined;
  #written = 0;

  constructor(folder: string, platform: ReceiverStore, clock: ManualClock) {
    this.#platform = platform;
    this.#clock = clock;
    this.#kept = join(folder, 'kept');
    const box = (name: string) => new Box(mkdtempSync(join(folder, name)), clock);
    this.boxes = [box('a'), box('b')];
    // The second begins as a copy of the first, so that both are one box to the platform.
    this.#copy(this.boxes[0], this.boxes[1]);
  }

  async step(one: Step): Promise<void> {
    this.#clock.advance(40 * 60_000);
    const box = this.boxes[one.where];
    const other = this.boxes[one.where === 0 ? 1 : 0];
    if (one.do === 'write') for (let n = 0; n < one.count; n++) box.write(`d-${++this.#written}`);
    if (one.do === 'send') await this.#send(box, one.pick, one.isAckLost);
    if (one.do === 'restart') box.restart();
    if (one.do === 'keep') this.#keptNames = box.keep(this.#kept);
    if (one.do === 'put-back' && this.#keptNames) box.take(this.#kept, this.#keptNames);
    if (one.do === 'copy') this.#copy(box, other);
  }

  /** Until nothing waits: the way is open now. */
  async drain(): Promise<void> {
    for (let round = 0; round < 200; round++) {
      const waiting = this.boxes.filter(({ store }) => store.backlog().some(({ waiting: rows }) => rows > 0));
      if (waiting.length === 0) return;
      this.#clock.advance(40 * 60_000);
      for (const box of waiting) await this.#send(box, [0, 1, 2, 3, 4, 5, 6, 7], false);
    }
    assert.fail('something waits for ever');
  }

  #copy(from: Box, to: Box): void {
    const folder = `${this.#kept}-copy`;
    to.take(folder, from.keep(folder));
  }

  async #send(box: Box, pick: readonly number[], isAckLost: boolean): Promise<void> {
    const page = box.page(8);
    const out = pick.flatMap((index) => page[index] ?? []);
    if (out.length === 0) return;
    box.sent.upTo = Math.max(box.sent.upTo, ...out.map(({ sequence }) => sequence));
    const acks = await this.#platform.apply(out.map(arrived), isoWithOffset(this.#clock.epochMs()));
    if (isAckLost) return;
    for (const ack of acks) for (const one of this.boxes) one.hear(ack);
  }
}

function arrived(event: WireEvent): ReceivedEvent {
  const topic = topics.events('gatehouse', event.boxid, event.eventclass);
  const intake = takeIn({ topic, payload: Buffer.from(JSON.stringify(event)), retained: false }, 'gatehouse');
  assert.ok(intake.ok);
  return intake.event;
}

async function run(t: TestContext, steps: readonly Step[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gh-id-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const clock = new ManualClock();
  const db = join(folder, 'receiver.db');
  const platform = await openReceiverStore(db, silentLog);
  const world = new World(folder, platform, clock);
  const reader = openReader(db);
  try {
    for (const one of steps) await world.step(one);
    await world.drain();
    const applied = new Map(
      (await reader.list('comms', 10_000)).map(({ device, applied: times }) => [String(device), times]),
    );
    for (const { names } of world.boxes)
      assert.deepEqual(
        [...names].filter((name) => applied.get(name) !== 1),
        [],
        'each event of a history that still exists is at the platform, applied once',
      );
    assert.ok(
      [...applied.values()].every((times) => times === 1),
      'and none of a history that is gone was applied twice',
    );
  } finally {
    for (const { store } of world.boxes) store.stop();
    await platform.close();
    await reader.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('whatever is put back, copied, lost, repeated and restarted, each event of the histories that remain is applied once', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 25 }), (steps) => run(t, steps)),
    { numRuns: 20, seed: 20261130 },
  );
});
