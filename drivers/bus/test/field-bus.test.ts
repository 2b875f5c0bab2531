import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { FieldBus } from '../field-bus.ts';
import type { Link } from '../modbus-link.ts';
import { type BusRequest, busError, type Exchange } from '../request.ts';

const poll: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };
const write: BusRequest = { kind: 'write-coil', unit: 1, address: 0x0200, value: 5 };
const empty: Exchange = { sent: Buffer.alloc(0), received: Buffer.alloc(0), bits: [] };

/** A link whose exchanges end when the test says so. */
class HeldLink implements Link {
  readonly asked: BusRequest[] = [];
  readonly #ends: ((error?: unknown) => void)[] = [];
  canOpen = true;
  settles = 0;
  opens = 0;
  open(): Promise<void> {
    this.opens++;
    return this.canOpen ? Promise.resolve() : Promise.reject(busError('BUS_DOWN', 'b', 'cannot open'));
  }
  close(): void {
    this.asked.length = 0;
  }
  exchange(request: BusRequest): Promise<Exchange> {
    this.asked.push(request);
    return new Promise((resolve, reject) =>
      this.#ends.push((error) => (error ? reject(error) : resolve(empty))),
    );
  }
  end(error?: unknown): void {
    this.#ends.shift()?.(error);
  }
  settle(): Promise<boolean> {
    this.settles++;
    return Promise.resolve(true);
  }
  onClose(): void {
    // This link never closes by itself.
  }
}

async function running() {
  const clock = new ManualClock();
  const link = new HeldLink();
  const bus = new FieldBus({
    id: 'b',
    openLink: () => link,
    clock,
    log: silentLog,
    random: () => 0.5,
    queueLimit: 8,
  });
  bus.start();
  await clock.advance(0);
  return { bus, link, clock };
}

test('one request at a time, and a command waits behind no more than the frame in flight', async () => {
  const { bus, link, clock } = await running();
  const polls = [poll, poll, poll].map((request) => bus.send(request, { priority: 'poll' }));
  await clock.advance(0);
  const command = bus.send(write, { priority: 'guard' });
  assert.deepEqual(link.asked, [poll]);
  link.end();
  await clock.advance(0);
  assert.deepEqual(link.asked, [poll, write]);
  for (let i = 0; i < 3; i++) {
    link.end();
    await clock.advance(0);
  }
  await Promise.all([...polls, command]);
  await bus.stop();
});

test('a check that fails when the bus takes the request keeps it off the wire', async () => {
  const { bus, link, clock } = await running();
  const first = bus.send(poll, { priority: 'poll' });
  await clock.advance(0);
  const refused = bus.send(write, {
    priority: 'guard',
    onTake: () => {
      throw new Error('too late');
    },
  });
  const why = assert.rejects(refused, /too late/);
  link.end();
  await why;
  await first;
  assert.deepEqual(link.asked, [poll]);
  await bus.stop();
});

test('a lost reply settles the bus before the next request goes out', async () => {
  const { bus, link, clock } = await running();
  const lost = assert.rejects(bus.send(poll, { priority: 'poll' }), /BUS_TIMEOUT|no reply/);
  const next = bus.send(write, { priority: 'guard' });
  await clock.advance(0);
  // The guard's write went first; end it well, then lose the poll's reply.
  link.end();
  await next;
  await clock.advance(0);
  link.end(busError('BUS_TIMEOUT', 'b', 'no reply'));
  await lost;
  await clock.advance(0);
  assert.equal(link.settles, 1);
  await bus.stop();
});

test('nothing waits for a bus that is down', async () => {
  const { bus, link, clock } = await running();
  link.canOpen = false;
  await bus.stop();
  await assert.rejects(bus.send(write, { priority: 'guard' }), (error) => {
    return error instanceof GatehouseError && error.code === 'BUS_DOWN';
  });
  await clock.advance(0);
});

test('a bus that cannot be opened is tried again with growing, jittered pauses', async () => {
  const clock = new ManualClock();
  const link = new HeldLink();
  link.canOpen = false;
  const bus = new FieldBus({ id: 'b', openLink: () => link, clock, log: silentLog, random: () => 0.5 });
  bus.start();
  await clock.advance(0);
  assert.equal(link.opens, 1);
  await clock.advance(150);
  assert.equal(link.opens, 2);
  await clock.advance(150);
  assert.equal(link.opens, 2);
  await clock.advance(60_000);
  assert.ok(link.opens >= 8 && link.opens <= 14, `${link.opens} attempts in a minute`);
  link.canOpen = true;
  await clock.advance(10_000);
  assert.equal(bus.up, true);
  await bus.stop();
});
