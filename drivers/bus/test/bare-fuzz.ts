/**
 * The fuzz of `reply-fuzz.ts` on bare modbus-serial, as its documentation has it used: buffered RTU, one
 * request at a time, a timeout set. Imports nothing of the product. Time is virtual: this program's timers
 * are replaced before anything runs.
 *
 * `node bare-fuzz.ts --exchanges N --seed N` prints one JSON line: right, wrong and refused replies.
 */
import { parseArgs } from 'node:util';
import modbusSerial from 'modbus-serial';
import { HostileSlaves } from '../../simulators/hostile-slaves.ts';

const { values } = parseArgs({
  options: { exchanges: { type: 'string', default: '50000' }, seed: { type: 'string', default: '1' } },
});
const exchanges = Number(values.exchanges);
const timeoutMs = 300;
const quarantineMs = 300;

/** mulberry32, the same dice as the product's fuzz. */
let state = Number(values.seed) >>> 0;
function random(): number {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
}

interface Timer {
  readonly dueMs: number;
  readonly fn: () => void;
}
let nowMs = 0;
const timers: Timer[] = [];
function after(delayMs: number, fn: () => void): Timer {
  const timer = { dueMs: nowMs + delayMs, fn };
  const at = timers.findLastIndex(({ dueMs }) => dueMs <= timer.dueMs);
  timers.splice(at + 1, 0, timer);
  return timer;
}
Object.assign(globalThis, {
  setTimeout: (fn: () => void, delayMs: number) => after(delayMs, fn),
  clearTimeout: (timer: Timer) => {
    const at = timers.indexOf(timer);
    if (at >= 0) timers.splice(at, 1);
  },
});

/** Bytes on their way to the master, as serialport's binding reads them. */
class MemoryPort {
  readonly isOpen = true;
  readonly openOptions = {};
  #waiting: (() => void) | undefined;
  #bytes: Buffer = Buffer.alloc(0);
  readonly slaves = new HostileSlaves({
    random,
    later: (delayMs, act) => void after(delayMs, act),
    say: (bytes) => {
      this.#bytes = Buffer.concat([this.#bytes, bytes]);
      this.#waiting?.();
    },
    turnaroundMs: { least: 10, most: 70 },
    duplicateGapMs: 3,
    lateMs: { least: timeoutMs + 1, most: timeoutMs + quarantineMs - 1 },
  });
  async read(buffer: Buffer, offset: number, length: number): Promise<{ buffer: Buffer; bytesRead: number }> {
    if (this.#bytes.length === 0)
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    const bytesRead = this.#bytes.copy(buffer, offset, 0, length);
    this.#bytes = this.#bytes.subarray(bytesRead);
    return { buffer, bytesRead };
  }
  write(buffer: Buffer): Promise<void> {
    this.slaves.hear(Buffer.from(buffer));
    return Promise.resolve();
  }
}

const port = new MemoryPort();
const binding = { open: () => Promise.resolve(port), list: () => Promise.resolve([]) };
const client = new modbusSerial.default();
const opened = client.connectRTUBuffered('/dev/none', Object.assign({ baudRate: 9600 }, { binding }));
await pass(opened);
client.setTimeout(timeoutMs);
// A documented setter that its type declarations lack: results then carry the raw bytes.
Object.assign(client, { isDebugEnabled: true });

const seen = { right: 0, wrong: 0, refused: 0 };
for (let i = 0; i < exchanges; i++) {
  const taken = await pass(ask(1 + Math.floor(random() * 4)).catch(() => undefined));
  if (!taken) seen.refused++;
  else seen[port.slaves.last?.equals(Buffer.from(taken)) ? 'right' : 'wrong']++;
}
process.stdout.write(`${JSON.stringify(seen)}\n`, () => process.exit(0));

/** One request of the same kinds as the product's fuzz; resolves to the reply's raw bytes. */
async function ask(unit: number): Promise<Uint8Array | undefined> {
  client.setID(unit);
  const result: { responses?: readonly Uint8Array[] } = { ...(await request()) };
  return result.responses?.at(-1);
}

function request(): Promise<object> {
  const dice = random();
  const address = Math.floor(random() * 8);
  const value = 1 + Math.floor(random() * 0x7ffe);
  if (dice < 0.3) return client.readDiscreteInputs(0, 8);
  if (dice < 0.5) return client.readCoils(0, 16);
  if (dice < 0.6) return client.readHoldingRegisters(address, 2);
  if (dice < 0.7) return client.readInputRegisters(address, 4);
  // It writes 0xFF00 and 0 only, so many echoes are alike: to its advantage.
  if (dice < 0.85) return client.writeCoil(0x0200 + address, value > 0x4000);
  return client.writeRegister(0x0200 + address, value);
}

/** Lets virtual time pass until the work is done; streams hand on within two turns of the event loop. */
async function pass<T>(work: Promise<T>): Promise<T> {
  let done = false;
  const result = work.finally(() => {
    done = true;
  });
  for (;;) {
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (done) return result;
    const next = timers.shift();
    if (!next) continue;
    nowMs = next.dueMs;
    next.fn();
  }
}
