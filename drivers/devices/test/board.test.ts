import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { FieldBus } from '../../bus/field-bus.ts';
import type { Link } from '../../bus/link.ts';
import type { BusRequest, Exchange } from '../../bus/request.ts';
import { loadProfiles } from '../../profiles/index.ts';
import { Board, type BoardListener, type Reading } from '../board.ts';

const exchangeMs = 40;

/** A line on which every answer takes 40 ms; all contacts are open, until they are closed. */
class SlowLink implements Link {
  readonly mustReopen = false;
  readonly asked: { readonly unit: number; readonly kind: BusRequest['kind']; readonly atMs: number }[] = [];
  closed = false;
  readonly #clock: ManualClock;
  constructor(clock: ManualClock) {
    this.#clock = clock;
  }
  async open(): Promise<void> {
    // Always there.
  }
  close(): void {
    // Nothing is held.
  }
  onClose(): void {
    // It never closes by itself.
  }
  restMs(): number {
    return 0;
  }
  exchange(request: BusRequest): Promise<Exchange> {
    this.asked.push({ unit: request.unit, kind: request.kind, atMs: this.#clock.monotonicMs() });
    const bits = Array.from({ length: 8 }, () => request.kind === 'read-inputs' && this.closed);
    const exchange: Exchange = { sent: Buffer.alloc(0), received: Buffer.alloc(0), bits, registers: [] };
    return new Promise((resolve) => this.#clock.after(exchangeMs, () => resolve(exchange)));
  }
}

const profile = loadProfiles().get('waveshare-modbus-rtu-relay-8ch');

/** One door contact that counts once it has been so for 50 ms. */
class Contact implements BoardListener {
  changedMs: number | undefined;
  #sinceMs: number | undefined;
  readonly #clock: ManualClock;
  constructor(clock: ManualClock) {
    this.#clock = clock;
  }
  inputsRead({ bits }: Reading): void {
    const nowMs = this.#clock.monotonicMs();
    if (bits[0]) this.#sinceMs ??= nowMs;
    if (this.#sinceMs !== undefined && nowMs - this.#sinceMs >= 50) this.changedMs ??= nowMs;
  }
  relaysRead(): void {
    // It has none.
  }
  commsChanged(): void {
    // It looks at contacts only.
  }
  moving(): boolean {
    return false;
  }
  settlesAtMs(): number | undefined {
    return this.changedMs === undefined && this.#sinceMs !== undefined ? this.#sinceMs + 50 : undefined;
  }
}

/** As many boards as fill the line: all of them polled once take longer than a board's period. */
async function fullLine(units: number) {
  const clock = new ManualClock();
  const link = new SlowLink(clock);
  const bus = new FieldBus({ id: 'line', openLink: () => link, clock, log: silentLog });
  bus.start();
  await clock.advance(0);
  assert.ok(profile);
  const contacts: Contact[] = [];
  const boards: Board[] = [];
  for (let unit = 1; unit <= units; unit++) {
    const board = new Board({ bus, unit, profile, clock });
    const contact = new Contact(clock);
    board.listen(contact);
    board.start();
    boards.push(board);
    contacts.push(contact);
  }
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 10) await clock.advance(10);
  };
  const stop = async () => {
    const stopped = Promise.all([...boards.map((board) => board.stop()), bus.stop()]);
    await pass(5_000);
    await stopped;
  };
  return { clock, link, bus, boards, contacts, pass, stop };
}

test('on a full line every board is read once a cycle, and no wait is added to the cycle', async () => {
  const { link, pass, stop } = await fullLine(15);
  await pass(20_000);
  const cycleMs = 15 * exchangeMs * 1.25;
  for (let unit = 1; unit <= 15; unit++) {
    const times = link.asked
      .filter((one) => one.unit === unit && one.kind === 'read-inputs' && one.atMs > 5_000)
      .map(({ atMs }) => atMs);
    const most = Math.max(...times.slice(1).map((atMs, i) => atMs - (times[i] ?? 0)));
    assert.ok(most <= cycleMs * 1.1, `unit ${unit} waited ${most} ms for its turn, a cycle is ${cycleMs} ms`);
  }
  await stop();
});

test('a contact that has changed is looked at again ahead of the polls of a full line, and counts by then', async () => {
  const { clock, link, contacts, pass, stop } = await fullLine(15);
  await pass(5_000);
  link.closed = true;
  const closedMs = clock.monotonicMs();
  await pass(3_000);
  for (const [i, { changedMs }] of contacts.entries()) {
    const first = link.asked.find(
      ({ unit, kind, atMs }) => unit === i + 1 && kind === 'read-inputs' && atMs > closedMs,
    );
    const tookMs = (changedMs ?? Number.NaN) - (first?.atMs ?? Number.NaN);
    // The first look, 50 ms, then the frame in flight and at most one such look of another board before its
    // own.
    assert.ok(tookMs <= 50 + 4 * exchangeMs, `unit ${i + 1}: ${tookMs} ms from its first look to its change`);
  }
  await stop();
});

test('a flood of commands makes what is read older, by a bound, and no board is called lost for it', async () => {
  const { link, bus, boards, pass, stop } = await fullLine(15);
  await pass(5_000);
  let flooding = true;
  const flood = (unit: number): void => {
    const request = { kind: 'write-coil', unit, address: 0x0200, value: 5 } as const;
    bus.send(request, { priority: 'guard' }).then(
      () => (flooding ? flood(unit) : undefined),
      () => undefined,
    );
  };
  for (let unit = 1; unit <= 15; unit++) flood(unit);
  const before = link.asked.length;
  // Four turns for each read of a poll cycle (inputs of all, relays of every fourth), and the frame in
  // flight.
  const boundMs = 15 * 1.25 * 4 * exchangeMs * 1.1;
  for (let i = 0; i < 60; i++) {
    await pass(200);
    for (const board of boards) {
      assert.equal(board.comms, 'ok');
      assert.ok((board.ageMs ?? Number.NaN) <= boundMs, `unit ${board.unit} was read ${board.ageMs} ms ago`);
    }
  }
  const commands = link.asked.slice(before).filter(({ kind }) => kind === 'write-coil').length;
  assert.ok(commands > (link.asked.length - before) / 2, 'and most turns were commands');
  flooding = false;
  await stop();
});
