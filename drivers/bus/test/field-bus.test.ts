import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError, type Log, ManualClock, silentLog } from '@gatehouse/kit';
import { FieldBus } from '../field-bus.ts';
import type { LineHabits, Link } from '../link.ts';
import { type BusRequest, busError, type Exchange } from '../request.ts';

const poll: BusRequest = { kind: 'read-inputs', unit: 1, address: 0, count: 8 };
const write: BusRequest = { kind: 'write-coil', unit: 1, address: 0x0200, value: 5 };
const empty: Exchange = { sent: Buffer.alloc(0), received: Buffer.alloc(0), bits: [], registers: [] };

/** A link whose exchanges end when the test says so. */
class HeldLink implements Link {
  readonly asked: BusRequest[] = [];
  readonly patience: (number | undefined)[] = [];
  readonly #ends: ((error?: unknown) => void)[] = [];
  canOpen = true;
  mustReopen = false;
  resting: number | undefined;
  restLeftMs = 0;
  opens = 0;
  habits: LineHabits = { localEcho: 'unknown', replies: 0, noisyReplies: 0 };
  open(): Promise<void> {
    this.opens++;
    return this.canOpen ? Promise.resolve() : Promise.reject(busError('BUS_DOWN', 'b', 'cannot open'));
  }
  close(): void {
    this.asked.length = 0;
  }
  exchange(request: BusRequest, patienceMs?: number): Promise<Exchange> {
    this.asked.push(request);
    this.patience.push(patienceMs);
    return new Promise((resolve, reject) =>
      this.#ends.push((error) => (error ? reject(error) : resolve(empty))),
    );
  }
  end(error?: unknown): void {
    this.#ends.shift()?.(error);
  }
  restMs(unit: number): number {
    return unit === this.resting ? this.restLeftMs : 0;
  }
  onClose(): void {
    // This link never closes by itself.
  }
}

async function running(log: Log = silentLog) {
  const clock = new ManualClock();
  const link = new HeldLink();
  const bus = new FieldBus({
    id: 'b',
    openLink: () => link,
    clock,
    log,
    random: () => 0.5,
    queueLimit: 8,
    worstTurnaroundMs: 100,
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

test('what follows from an answer goes before the polls that already wait', async () => {
  const { bus, link, clock } = await running();
  // As the gate does it, a few promises away from the bus: a write, then the reading back.
  const readBack = { ...poll, kind: 'read-coils' } as const;
  const step = async (request: BusRequest) => bus.send(request, { priority: 'guard' });
  const command = (async () => {
    await (async () => step(write))();
    await (async () => step(readBack))();
  })();
  const polls = [1, 2].map(() => bus.send(poll, { priority: 'poll' }));
  for (let i = 0; i < 4; i++) {
    await clock.advance(0);
    link.end();
  }
  await Promise.all([command, ...polls]);
  assert.deepEqual(link.asked, [write, readBack, poll, poll]);
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

test('a unit that rests lets the others pass, and is asked when its rest is over', async () => {
  const { bus, link, clock } = await running();
  Object.assign(link, { resting: 1, restLeftMs: 50 });
  const urgent = bus.send(write, { priority: 'fire' });
  const other = bus.send({ ...poll, unit: 2 }, { priority: 'poll' });
  await clock.advance(0);
  assert.deepEqual(link.asked, [{ ...poll, unit: 2 }]);
  link.end();
  await other;
  link.restLeftMs = 20;
  await clock.advance(0);
  assert.equal(link.asked.length, 1);
  link.restLeftMs = 0;
  await clock.advance(50);
  assert.deepEqual(link.asked[1], write);
  link.end();
  await urgent;
  await bus.stop();
});

test('a link that must be opened anew is, at once', async () => {
  const { bus, link, clock } = await running();
  link.mustReopen = true;
  const lost = assert.rejects(bus.send(poll, { priority: 'poll' }), { code: 'BUS_TIMEOUT' });
  await clock.advance(0);
  link.end(busError('BUS_TIMEOUT', 'b', 'no reply'));
  await lost;
  await clock.advance(0);
  assert.equal(link.opens, 2);
  await bus.stop();
});

test('a silent unit is refused at once and probed after 1, 2, 4, 5, 5 s; the others are asked as ever', async () => {
  const { bus, link, clock } = await running();
  const ask = async (unit: number, fails: boolean): Promise<string> => {
    const before = link.asked.length;
    const answer = bus.send({ ...poll, unit }, { priority: 'poll' }).then(
      () => 'answered',
      (error) => (error instanceof GatehouseError ? error.code : String(error)),
    );
    await clock.advance(0);
    if (link.asked.length > before) link.end(fails ? busError('BUS_TIMEOUT', 'b', 'no reply') : undefined);
    return answer;
  };
  assert.equal(await ask(1, true), 'BUS_TIMEOUT');
  assert.equal(await ask(1, true), 'BUS_TIMEOUT');
  for (const seconds of [1, 2, 4, 5, 5]) {
    await clock.advance(seconds * 1000 - 1);
    assert.equal(await ask(1, true), 'BUS_UNIT_SILENT');
    assert.equal(await ask(2, false), 'answered');
    await clock.advance(1);
    assert.equal(await ask(1, true), 'BUS_TIMEOUT');
  }
  await clock.advance(5000);
  assert.equal(await ask(1, false), 'answered');
  assert.equal(await ask(1, true), 'BUS_TIMEOUT', 'one bad exchange is no silence');
  assert.equal(await ask(1, false), 'answered');
  await bus.stop();
});

test('what waits for a unit when it falls silent is refused, not sent', async () => {
  const { bus, link, clock } = await running();
  const sent = [1, 2, 3].map(() => bus.send(poll, { priority: 'poll' }));
  const ends = Promise.allSettled(sent);
  for (let i = 0; i < 3; i++) {
    await clock.advance(0);
    link.end(busError('BUS_TIMEOUT', 'b', 'no reply'));
  }
  const codes = (await ends).map((end) => (end.status === 'rejected' ? end.reason.code : 'answered'));
  assert.deepEqual(codes, ['BUS_TIMEOUT', 'BUS_TIMEOUT', 'BUS_UNIT_SILENT']);
  assert.equal(link.asked.length, 2);
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

test('a probe of a silent unit is short where it used to answer fast, and every fourth as long as any board may take', async () => {
  const { bus, link, clock } = await running();
  const ask = async (error?: unknown) => {
    const asked = bus.send(poll, { priority: 'poll' }).catch(() => undefined);
    await clock.advance(40);
    link.end(error);
    await asked;
  };
  await ask();
  for (let i = 0; i < 8; i++) {
    await ask(busError('BUS_TIMEOUT', 'b', 'silence'));
    await clock.advance(5_000);
  }
  assert.deepEqual(link.patience, [...[undefined, undefined, undefined], ...[80, 80, 80, 140], ...[80, 80]]);
  await ask();
  await ask();
  assert.equal(link.patience.at(-1), undefined, 'it answers again and is asked as any other');
  await bus.stop();
});

test('a flood of commands leaves the polls a quarter of the turns, and a stop waits for the frame in flight only', async () => {
  const { bus, link, clock } = await running();
  const asked: string[] = [];
  const again = (priority: 'guard' | 'poll', request: BusRequest): void => {
    const onTake = () => void asked.push(priority);
    bus.send(request, { priority, onTake }).then(
      () => again(priority, request),
      () => undefined,
    );
  };
  for (let i = 0; i < 4; i++) again('guard', write);
  for (let i = 0; i < 3; i++) again('poll', poll);
  for (let i = 0; i < 80; i++) {
    link.end();
    await clock.advance(1);
  }
  const polls = asked.filter((one) => one === 'poll').length;
  assert.ok(polls >= asked.length / 4 - 1, `${polls} of ${asked.length} turns were polls`);
  const stopped = bus.send({ ...write, value: 7 }, { priority: 'stop' });
  link.end();
  await clock.advance(1);
  assert.equal('value' in (link.asked.at(-1) ?? {}) && Object(link.asked.at(-1)).value, 7);
  link.end();
  await stopped;
  await bus.stop();
});

test('what a line does besides answering is told once, and noise again when there is ten times as much', async () => {
  const told: string[] = [];
  const note = (event: string) => void told.push(event);
  const { bus, link, clock } = await running({ ...silentLog, info: note, warn: note });
  const exchange = async (habits: Partial<LineHabits>) => {
    link.habits = { ...link.habits, ...habits };
    const sent = bus.send(poll, { priority: 'poll' });
    await clock.advance(0);
    link.end();
    await sent;
    await clock.advance(0);
  };
  await exchange({});
  await exchange({ localEcho: 'heard' });
  for (const noisyReplies of [0, 1, 2, 9, 10, 11, 99, 100]) await exchange({ noisyReplies });
  const noise = 'bus-line-noise';
  assert.deepEqual(told, ['bus-up', 'bus-local-echo', noise, noise, noise]);
  await bus.stop();
});
