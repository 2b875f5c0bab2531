/**
 * Wrong replies accepted: the whole lane against hostile slaves, in memory on a virtual clock and on real
 * ptys, on plain lines and on lines that echo, have no bias, or are given pauses; and bare modbus-serial
 * against the same slaves.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Random, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { FieldBus } from '../../../drivers/bus/field-bus.ts';
import { RtuLink } from '../../../drivers/bus/rtu-link.ts';
import {
  asked,
  type FuzzResult,
  fuzzBus,
  fuzzInMemory,
  fuzzOnce,
  type LineCase,
  lineCases,
  randomRequest,
} from '../../../drivers/bus/test/reply-fuzz.ts';
import { VirtualTime } from '../../../drivers/bus/test/virtual-time.ts';
import { HostileSlaves } from '../../../drivers/simulators/hostile-slaves.ts';
import { requestBytes } from '../../../drivers/simulators/modbus-frames.ts';
import { PtyPair } from '../../../drivers/simulators/pty-pair.ts';
import { SerialEnd } from '../../../drivers/simulators/serial-port.ts';
import { reporter } from './bench-report.ts';

const report = reporter('doors');

/**
 * Replies up to 300 ms late can be told apart on the ptys; the slaves stay 100 ms below, for the scheduler.
 */
const ptyTimeoutMs = 100;
const ptyQuarantineMs = 200;
const ptyLateMs = { least: ptyTimeoutMs + 1, most: ptyTimeoutMs + ptyQuarantineMs - 100 };
const ptys = 16;

export async function fuzzBench(exchanges: number, ptyExchanges: number, seed: number): Promise<void> {
  // Half the exchanges end in errors; their stacks would cost more than the exchanges.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  for (const [name, line] of Object.entries(lineCases)) {
    const share = name === 'plain' ? exchanges : Math.ceil(exchanges / 4);
    const { result } = await fuzzInMemory({ clock: new VirtualTime(), seed, exchanges: share, line });
    say(name === 'plain' ? 'fuzz-in-memory' : `fuzz-in-memory-${name}`, result, share);
  }
  Error.stackTraceLimit = stackTraceLimit;
  const onPtys = await fuzzPtys(ptyExchanges, seed);
  say('fuzz-pty', onPtys.result, ptyExchanges);
  // A busy machine may hold a reply back beyond the bound; such exchanges say nothing and are made again.
  report('fuzz-pty-beyond-the-bound', onPtys.beyond, 'count');
  await bare(Math.min(exchanges, 50_000), seed);
}

function say(measure: string, result: FuzzResult, exchanges: number): void {
  report(`${measure}-exchanges`, asked(result), 'count', { least: exchanges });
  report(`${measure}-wrong-accepted`, result.wrong, 'count', { target: 0 });
  // A lane that refused everything would accept nothing wrong either: most answers are healthy and must be
  // taken.
  report(`${measure}-right-share`, result.right / asked(result), 'share', { least: 0.4 });
}

/** Bare modbus-serial must accept wrong replies, or the slaves are not hostile. */
async function bare(exchanges: number, seed: number): Promise<void> {
  const program = join(import.meta.dirname, '../../../drivers/bus/test/bare-fuzz.ts');
  const args = [program, '--exchanges', String(exchanges), '--seed', String(seed)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 120_000 });
  const { right, wrong, refused } = JSON.parse(stdout);
  report('fuzz-bare-modbus-serial-exchanges', right + wrong + refused, 'count', { least: exchanges });
  report('fuzz-bare-modbus-serial-wrong-accepted', wrong, 'count', { least: 1 });
}

interface PtyFuzz {
  readonly result: FuzzResult;
  /** Wrong replies taken that came later than the bound after their own request. */
  beyond: number;
}

async function fuzzPtys(exchanges: number, seed: number): Promise<PtyFuzz> {
  const folder = await mkdtemp(join(tmpdir(), 'gh-fuzz-'));
  const fuzz: PtyFuzz = { result: { right: 0, wrong: 0, exceptions: 0, refused: 0 }, beyond: 0 };
  const cases: readonly LineCase[] = Object.values(lineCases);
  const lines = Array.from({ length: ptys }, (_, i) => {
    const line = cases[i % cases.length] ?? lineCases.plain;
    return new FuzzedLine(join(folder, `line-${i}`), seed + i, line);
  });
  try {
    await Promise.all(lines.map((line) => line.run(fuzz, exchanges)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return fuzz;
}

/** One pty with hostile slaves at its far end, asked one request after another. */
class FuzzedLine {
  readonly #random: Random;
  readonly #cable: PtyPair;
  readonly #slaves: HostileSlaves;
  readonly #far: SerialEnd;
  readonly #bus: FieldBus;
  readonly #condition: LineCase['condition'];
  /** The late answers, and the times when their requests were heard; more than the bound ever needs. */
  readonly #said: { readonly answer: Buffer; readonly heardMs: number }[] = [];
  #heard: Buffer = Buffer.alloc(0);

  constructor(path: string, seed: number, { condition, setting }: LineCase) {
    this.#random = seededRandom(seed);
    this.#condition = condition;
    this.#cable = new PtyPair(path);
    this.#slaves = new HostileSlaves({
      random: this.#random,
      later: (delayMs, act) => setTimeout(act, delayMs),
      say: (bytes) => this.#say(bytes),
      turnaroundMs: { least: 1, most: 4 },
      lateMs: ptyLateMs,
      // A copy 1.75 ms behind its answer at 115200 baud cannot be told apart, and no pty keeps time so well.
      duplicateGapMs: 0,
      unpaced: true,
      hostility: 0.35,
    });
    this.#far = new SerialEnd(this.#cable.farPath, 115_200, (chunk) => this.#hear(chunk));
    const spec = { ...fuzzBus, path, baudRate: 115_200, timeoutMs: ptyTimeoutMs, ...setting } as const;
    const openLink = () => new RtuLink(spec, { clock: systemClock, quarantineMs: ptyQuarantineMs });
    this.#bus = new FieldBus({ id: 'fuzz', openLink, clock: systemClock, log: silentLog });
  }

  /** Until all lines together have made enough exchanges. */
  async run(fuzz: PtyFuzz, exchanges: number): Promise<void> {
    await this.#cable.start();
    try {
      await this.#far.open();
      this.#bus.start();
      while (asked(fuzz.result) < exchanges) await this.#once(fuzz);
    } finally {
      await this.#bus.stop();
      await this.#far.close();
      await this.#cable.stop();
    }
  }

  async #once(fuzz: PtyFuzz): Promise<void> {
    const request = randomRequest(this.#random, 1 + Math.floor(this.#random() * 8));
    const wrongBefore = fuzz.result.wrong;
    let received: Buffer = Buffer.alloc(0);
    const judge = (_: Buffer, taken: Buffer) => {
      received = taken;
      return this.#slaves.last;
    };
    await fuzzOnce({ bus: this.#bus, clock: systemClock, result: fuzz.result, request, right: judge });
    if (fuzz.result.wrong === wrongBefore || !this.#isBeyond(received)) return;
    fuzz.result.wrong--;
    fuzz.beyond++;
  }

  #isBeyond(taken: Buffer): boolean {
    const origin = this.#said.findLast(({ answer }) => answer.equals(taken));
    return origin !== undefined && performance.now() - origin.heardMs > ptyTimeoutMs + ptyQuarantineMs;
  }

  /** Without bias 00 or FF stand before and behind the bytes. */
  #say(bytes: Buffer): void {
    const noise = () => Buffer.alloc(this.#condition.noise ? Math.floor(this.#random() * 3) : 0, 0xff);
    this.#far.write(Buffer.concat([noise(), bytes, noise()]));
  }

  #hear(chunk: Buffer): void {
    if (this.#condition.echo) this.#far.write(chunk);
    this.#heard = Buffer.concat([this.#heard, chunk]);
    for (;;) {
      const length = requestBytes(this.#heard);
      if (this.#heard.length < length) return;
      const request = Buffer.from(this.#heard.subarray(0, length));
      this.#heard = this.#heard.subarray(length);
      this.#said.push({ answer: this.#slaves.hear(request), heardMs: performance.now() });
      if (this.#said.length > 64) this.#said.shift();
    }
  }
}
