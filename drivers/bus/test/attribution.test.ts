import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError, ManualClock, type Random, seededRandom } from '@gatehouse/kit';
import { rtuFrame } from '../../simulators/modbus-frames.ts';
import type { ByteLine } from '../byte-line.ts';
import { ModbusLink } from '../modbus-link.ts';
import type { BusRequest } from '../request.ts';

const timeoutMs = 300;
const quarantineMs = 300;
const exchanges = 300;

/** A peer that answers every read with bits nobody else got, and misbehaves as a seeded dice says. */
class HostileLine implements ByteLine {
  /** What the one right answer to the request in flight holds. */
  truth = 0;
  readonly counts: Record<string, number> = {};
  readonly #clock: ManualClock;
  readonly #random: Random;
  #data: (chunk: Buffer) => void = () => undefined;
  #previous: Buffer = Buffer.alloc(0);

  constructor(clock: ManualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }
  open(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
  flush(): Promise<void> {
    return Promise.resolve();
  }
  onData(fn: (chunk: Buffer) => void): void {
    this.#data = fn;
  }
  onClose(): void {
    // This line never closes by itself.
  }

  write(request: Buffer): void {
    this.truth = (this.truth + 1) & 0xff;
    const pdu = request[1] === 5 ? request.subarray(1, 6) : Buffer.from([request[1] ?? 0, 1, this.truth]);
    const reply = rtuFrame(1, pdu);
    const soonMs = 10 + this.#pick(60);
    const faults: readonly (readonly [name: string, act: () => void])[] = [
      ['good', () => this.#say(reply, soonMs)],
      ['late', () => this.#say(reply, timeoutMs + 1 + this.#pick(quarantineMs - 10))],
      ['late-twice', () => [310, 590].forEach((atMs) => void this.#say(reply, atMs))],
      ['duplicate', () => [0, this.#pick(8)].forEach((gapMs) => void this.#say(reply, soonMs + gapMs))],
      ['flip', () => this.#say(this.#flipped(reply), soonMs)],
      [
        'garbage',
        () =>
          this.#say(Buffer.from(Array.from({ length: 1 + this.#pick(40) }, () => this.#pick(256))), soonMs),
      ],
      ['split', () => this.#split(reply, soonMs)],
      ['joined', () => this.#say(Buffer.concat([this.#previous, reply]), soonMs)],
      ['foreign', () => this.#say(rtuFrame(2, pdu), soonMs)],
      ['silent', () => undefined],
      ['cut', () => this.#say(reply.subarray(0, 1 + this.#pick(reply.length - 1)), soonMs)],
      ['early', () => this.#say(this.#previous, 1)],
      ['exception', () => this.#say(rtuFrame(1, Buffer.from([(request[1] ?? 0) | 0x80, 4])), soonMs)],
    ];
    const [name, act] = faults[this.#pick(faults.length)] ?? ['good', () => undefined];
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    act();
    this.#previous = reply;
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below);
  }
  #say(bytes: Buffer, afterMs: number): void {
    this.#clock.after(afterMs, () => bytes.length > 0 && this.#data(Buffer.from(bytes)));
  }
  #split(reply: Buffer, soonMs: number): void {
    for (const [i, byte] of reply.entries())
      this.#say(Buffer.from([byte]), soonMs + i * (1 + this.#pick(4)) * (i + 1));
  }
  #flipped(reply: Buffer): Buffer {
    const copy = Buffer.from(reply);
    const bit = this.#pick(copy.length * 8);
    copy.writeUInt8((copy[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
    return copy;
  }
}

const bus = {
  id: 'fuzz',
  kind: 'modbus-rtu',
  path: '/dev/none',
  baudRate: 9600,
  parity: 'none',
  stopBits: 1,
  timeoutMs,
} as const;

for (const seed of [1, 20_261_123])
  test(`a hostile serial peer gets no wrong reply accepted (seed ${seed}, ${exchanges} exchanges)`, async () => {
    const clock = new ManualClock();
    const random = seededRandom(seed);
    const line = new HostileLine(clock, random);
    const link = new ModbusLink(bus, { clock, quarantineMs, openLine: () => line });
    await link.open();
    const seen = { right: 0, wrong: 0, refused: 0 };
    for (let i = 0; i < exchanges; i++) {
      const request = randomRequest(random);
      const outcome = link.exchange(request).then(
        ({ bits, received, sent }) => {
          const value = bits.reduce((sum, bit, at) => sum + (bit ? 1 << at : 0), 0);
          const right = request.kind === 'write-coil' ? received.equals(sent) : value === line.truth;
          seen[right ? 'right' : 'wrong']++;
          return true;
        },
        (error) => {
          assert.ok(error instanceof GatehouseError, String(error));
          seen.refused++;
          return error.code === 'BUS_EXCEPTION';
        },
      );
      // After a lost or wrong reply the lane settles the bus, exactly as FieldBus does; the next request follows at once.
      if (!(await elapse(clock, outcome))) await elapse(clock, link.settle());
    }
    assert.equal(seen.wrong, 0, JSON.stringify({ seen, faults: line.counts }));
    // The dice throw a good or a split reply in 2 of 13 cases: a link that refused everything would not pass.
    assert.ok(seen.right > exchanges / 10, JSON.stringify(seen));
    assert.ok(Object.keys(line.counts).length >= 13, 'every fault occurred');
    link.close();
  });

/** Moves time on only until the work is done, to 10 ms. */
async function elapse<T>(clock: ManualClock, work: Promise<T>): Promise<T> {
  let done = false;
  const result = work.finally(() => {
    done = true;
  });
  while (!done) await clock.advance(10);
  return result;
}

function randomRequest(random: Random): BusRequest {
  const dice = random();
  const channel = Math.floor(random() * 8);
  if (dice < 0.4) return { kind: 'read-inputs', unit: 1, address: 0, count: 8 };
  if (dice < 0.7) return { kind: 'read-coils', unit: 1, address: 0, count: 8 };
  return { kind: 'write-coil', unit: 1, address: 0x0200 + channel, value: 1 + Math.floor(random() * 200) };
}
