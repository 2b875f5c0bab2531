import { rtuFrame } from './modbus-frames.ts';

/** Tricks of the slaves with one answer; each is as likely as its weight. */
const faults = {
  good: 60,
  late: 4,
  'late-twice': 2,
  duplicate: 4,
  'wrong-crc': 4,
  garbage: 3,
  split: 4,
  joined: 3,
  foreign: 3,
  silent: 3,
  cut: 3,
  early: 2,
  noise: 3,
  exception: 2,
} as const;
export type HostileFault = keyof typeof faults;

export interface HostileOptions {
  /** Numbers in [0, 1). */
  readonly random: () => number;
  /** Runs `act` after a delay in milliseconds. */
  readonly later: (delayMs: number, act: () => void) => void;
  /** Puts bytes on the line, towards the master. */
  readonly say: (bytes: Buffer) => void;
  /** From a whole request to the first byte of a healthy answer, milliseconds. */
  readonly turnaroundMs: { readonly least: number; readonly most: number };
  /** Latest moment of a late answer after its request, milliseconds, and what counts as late. */
  readonly lateMs: { readonly least: number; readonly most: number };
  /** From the end of an answer to its second copy, milliseconds, at most; 0 puts both into one write. */
  readonly duplicateGapMs: number;
  /**
   * True where bytes said on hearing a request come behind its last bit (a pty does not pace them): an early
   * copy of the answer before it can then not be told from the answer if unit, function and length are the
   * same, so none is said.
   */
  readonly unpaced?: boolean;
  /** Multiplies the weight of everything that is not good; 1 by default. */
  readonly hostility?: number;
}

/** Bytes of line noise behind an answer, at the most. */
const mostNoise = 3;

/**
 * Slaves of every unit address on one line, which misbehave by dice. Each answer holds a count that no other
 * answer near it holds, so whoever takes one for another's can be told: `answerTo` has the one right answer
 * to a request, once a slave has said it. Before, whatever is taken is wrong: the line's own echo of a write
 * is equal to its answer.
 */
export class HostileSlaves {
  readonly counts: Partial<Record<HostileFault, number>> = {};
  readonly #options: HostileOptions;
  readonly #answers = new WeakMap<Buffer, Buffer>();
  readonly #wheel: readonly (readonly [fault: HostileFault, below: number])[];
  #previous: Buffer = Buffer.alloc(0);
  #last: Buffer = Buffer.alloc(0);
  /** Bytes said since the last request was heard. */
  #said: Buffer = Buffer.alloc(0);
  #count = 0;

  constructor(options: HostileOptions) {
    this.#options = options;
    let sum = 0;
    this.#wheel = Object.entries(faults).map(([name, weight]) => {
      sum += name === 'good' ? weight : weight * (options.hostility ?? 1);
      return [name as HostileFault, sum];
    });
  }

  /**
   * The right answer to this very buffer, once `hear` was given it and a slave has said it; nothing before.
   */
  answerTo(request: Buffer): Buffer | undefined {
    const answer = this.#answers.get(request);
    return answer && this.#hasSaid(answer) ? answer : undefined;
  }

  /** The right answer to the request heard last, once a slave has said it. */
  get last(): Buffer | undefined {
    return this.#hasSaid(this.#last) ? this.#last : undefined;
  }

  /**
   * All but its last bytes count: an answer that is cut off where it ends in 00 or FF is made whole, byte by
   * byte, by the noise of a line without bias, about once in 80,000 answers. It is the right answer then.
   */
  #hasSaid(answer: Buffer): boolean {
    return this.#said.includes(answer.subarray(0, Math.max(1, answer.length - mostNoise)));
  }

  /** One whole request. Returns the right answer to it, whatever will be said. */
  hear(request: Buffer): Buffer {
    const right = this.#answer(request);
    this.#last = right;
    this.#said = Buffer.alloc(0);
    this.#answers.set(request, right);
    const fault = this.#throwDice();
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
    this.#act(fault, request, right);
    this.#previous = right;
    return right;
  }

  #duplicate(right: Buffer, soonMs: number): void {
    const { duplicateGapMs } = this.#options;
    if (duplicateGapMs === 0) this.#say(Buffer.concat([right, right]), soonMs);
    else for (const gapMs of [0, this.#between(0, duplicateGapMs)]) this.#say(right, soonMs + gapMs);
  }

  #throwDice(): HostileFault {
    const dice = this.#options.random() * (this.#wheel.at(-1)?.[1] ?? 0);
    return this.#wheel.find(([, below]) => dice < below)?.[0] ?? 'good';
  }

  #act(fault: HostileFault, request: Buffer, right: Buffer): void {
    const { turnaroundMs, lateMs } = this.#options;
    const soonMs = this.#between(turnaroundMs.least, turnaroundMs.most);
    const unit = request[0] ?? 0;
    switch (fault) {
      case 'good':
        this.#say(right, soonMs);
        break;
      case 'late':
        this.#say(right, this.#between(lateMs.least, lateMs.most));
        break;
      case 'late-twice':
        this.#say(right, this.#between(lateMs.least, (lateMs.least + lateMs.most) / 2));
        this.#say(right, this.#between((lateMs.least + lateMs.most) / 2, lateMs.most));
        break;
      case 'duplicate':
        this.#duplicate(right, soonMs);
        break;
      case 'wrong-crc':
        this.#say(this.#flipped(right), soonMs);
        break;
      case 'garbage':
        this.#say(this.#noise(1 + this.#below(40)), soonMs);
        break;
      case 'split':
        for (const [i, byte] of right.entries()) this.#say(Buffer.from([byte]), soonMs + i * 0.9);
        break;
      case 'joined':
        this.#say(Buffer.concat([this.#previous, right]), soonMs);
        break;
      case 'foreign':
        this.#say(rtuFrame((unit % 247) + 1, right.subarray(1, -2)), soonMs);
        break;
      case 'cut':
        this.#say(right.subarray(0, 1 + this.#below(right.length - 1)), soonMs);
        break;
      case 'early':
        if (this.#options.unpaced && sameShape(this.#previous, right)) this.#say(right, soonMs);
        else this.#say(this.#previous, 0);
        break;
      case 'noise':
        this.#say(Buffer.concat([Buffer.from([0x00]), right, this.#noise(this.#below(3))]), soonMs);
        break;
      case 'exception':
        this.#say(rtuFrame(unit, Buffer.from([(request[1] ?? 0) | 0x80, 4])), soonMs);
        break;
      case 'silent':
        break;
    }
  }

  /**
   * Reads get the count as their data; functions 15 and 16 are answered by address and count, other writes
   * are echoed.
   */
  #answer(request: Buffer): Buffer {
    const code = request[1] ?? 0;
    if (code === 15 || code === 16) return rtuFrame(request[0] ?? 0, request.subarray(1, 6));
    if (code >= 5) return Buffer.from(request);
    this.#count = (this.#count + 1) >>> 0;
    const asked = request.readUInt16BE(4);
    const data = Buffer.alloc(code <= 2 ? Math.ceil(asked / 8) : 2 * asked);
    for (let i = 0; i < data.length; i++) data[i] = (this.#count >>> (8 * (i & 3))) & 0xff;
    return rtuFrame(request[0] ?? 0, Buffer.concat([Buffer.from([code, data.length]), data]));
  }

  #say(bytes: Buffer, afterMs: number): void {
    if (bytes.length === 0) return;
    this.#options.later(afterMs, () => {
      this.#said = Buffer.concat([this.#said, bytes]);
      this.#options.say(bytes);
    });
  }

  #between(least: number, most: number): number {
    return least + this.#options.random() * (most - least);
  }

  #below(limit: number): number {
    return Math.floor(this.#options.random() * limit);
  }

  #noise(bytes: number): Buffer {
    return Buffer.from(Array.from({ length: bytes }, () => this.#below(256)));
  }

  /** One flipped bit, which a CRC always finds. */
  #flipped(frame: Buffer): Buffer {
    const copy = Buffer.from(frame);
    const bit = this.#below(copy.length * 8);
    copy.writeUInt8((copy[bit >> 3] ?? 0) ^ (1 << (bit & 7)), bit >> 3);
    return copy;
  }
}

/** Both answers of one unit to reads of one kind and length: nothing but their data differs. */
function sameShape(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && one.subarray(0, 3).equals(other.subarray(0, 3));
}
