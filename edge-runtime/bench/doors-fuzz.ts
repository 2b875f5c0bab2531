/**
 * Wrong replies accepted: the whole lane against hostile slaves, in memory on a virtual clock and on real ptys; and bare
 * modbus-serial against the same slaves.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Random, seededRandom, silentLog, systemClock } from '@gatehouse/kit';
import { FieldBus } from '../../drivers/bus/field-bus.ts';
import { RtuLink } from '../../drivers/bus/rtu-link.ts';
import {
  asked,
  type FuzzResult,
  fuzzBus,
  fuzzInMemory,
  fuzzOnce,
  randomRequest,
} from '../../drivers/bus/test/reply-fuzz.ts';
import { VirtualTime } from '../../drivers/bus/test/virtual-time.ts';
import { HostileSlaves } from '../../drivers/simulators/hostile-slaves.ts';
import { PtyPair } from '../../drivers/simulators/pty-pair.ts';
import { SerialEnd } from '../../drivers/simulators/serial-port.ts';
import { reporter } from './bench-report.ts';

const report = reporter('doors');

/** Replies up to 300 ms late can be told apart on the ptys; the slaves stay 100 ms below, for the scheduler. */
const ptyTimeoutMs = 100;
const ptyQuarantineMs = 200;
const ptyLateMs = { least: ptyTimeoutMs + 1, most: ptyTimeoutMs + ptyQuarantineMs - 100 };
const ptys = 16;

export async function fuzzBench(exchanges: number, ptyExchanges: number, seed: number): Promise<void> {
  // Half the exchanges end in errors; their stacks would cost more than the exchanges.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const { result } = await fuzzInMemory({ clock: new VirtualTime(), seed, exchanges });
  Error.stackTraceLimit = stackTraceLimit;
  say('fuzz-in-memory', result, exchanges);
  const onPtys = await fuzzPtys(ptyExchanges, seed);
  say('fuzz-pty', onPtys.result, ptyExchanges);
  // A busy machine may hold a reply back beyond the bound; such exchanges say nothing and are made again.
  report('fuzz-pty-beyond-the-bound', onPtys.beyond, 'count');
  await bare(Math.min(exchanges, 50_000), seed);
}

function say(measure: string, result: FuzzResult, exchanges: number): void {
  report(`${measure}-exchanges`, asked(result), 'count', { least: exchanges });
  report(`${measure}-wrong-accepted`, result.wrong, 'count', { target: 0 });
  // A lane that refused everything would accept nothing wrong either: most answers are healthy and must be taken.
  report(`${measure}-right-share`, result.right / asked(result), 'share', { least: 0.4 });
}

/** Bare modbus-serial must accept wrong replies, or the slaves are not hostile. */
async function bare(exchanges: number, seed: number): Promise<void> {
  const program = join(import.meta.dirname, '../../drivers/bus/test/bare-fuzz.ts');
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
  const lines = Array.from({ length: ptys }, (_, i) => new FuzzedLine(join(folder, `line-${i}`), seed + i));
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
  /** What was said of late, and when its request was heard; more than the bound ever needs. */
  readonly #said: { readonly answer: Buffer; readonly heardMs: number }[] = [];
  #heard: Buffer = Buffer.alloc(0);

  constructor(path: string, seed: number) {
    this.#random = seededRandom(seed);
    this.#cable = new PtyPair(path);
    this.#slaves = new HostileSlaves({
      random: this.#random,
      later: (delayMs, act) => setTimeout(act, delayMs),
      say: (bytes) => this.#far.write(bytes),
      turnaroundMs: { least: 1, most: 4 },
      lateMs: ptyLateMs,
      // At 115200 baud a copy 1.75 ms behind its answer is beyond what can be told, and no pty keeps time so well.
      duplicateGapMs: 0,
      unpaced: true,
      hostility: 0.35,
    });
    this.#far = new SerialEnd(this.#cable.farPath, 115_200, (chunk) => this.#hear(chunk));
    const spec = { ...fuzzBus, path, baudRate: 115_200, timeoutMs: ptyTimeoutMs } as const;
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

  #hear(chunk: Buffer): void {
    this.#heard = Buffer.concat([this.#heard, chunk]);
    for (; this.#heard.length >= 8; this.#heard = this.#heard.subarray(8)) {
      this.#slaves.hear(Buffer.from(this.#heard.subarray(0, 8)));
      this.#said.push({ answer: this.#slaves.last, heardMs: performance.now() });
      if (this.#said.length > 64) this.#said.shift();
    }
  }
}
