import { setTimeout as delay } from 'node:timers/promises';

/** How a board misbehaves towards its master, until told otherwise. */
export type Fault =
  | { readonly kind: 'none' }
  /** Executes, then answers after the delay. */
  | { readonly kind: 'late'; readonly delayMs: number }
  /** Answers twice. */
  | { readonly kind: 'duplicate'; readonly gapMs: number }
  /** Answers noise of this many bytes. */
  | { readonly kind: 'garbage'; readonly bytes: number }
  /** Sends its answer between this many bytes of noise. */
  | { readonly kind: 'noise'; readonly bytes: number }
  /** Flips one bit of its answer: the CRC is wrong. */
  | { readonly kind: 'flip'; readonly bit: number }
  /** Sends its answer in two halves. */
  | { readonly kind: 'split'; readonly gapMs: number }
  /** Keeps this answer back and sends it in front of the next one. */
  | { readonly kind: 'join' }
  /** Executes and says nothing. */
  | { readonly kind: 'mute' }
  /** Neither executes nor answers: no power, or a cut wire. */
  | { readonly kind: 'dead' };

/** Sends answers with the fault that is set; serial and TCP boards share it. */
export class FaultySender {
  fault: Fault = { kind: 'none' };
  readonly #send: (bytes: Buffer) => Promise<void> | void;
  #kept: Buffer = Buffer.alloc(0);

  constructor(send: (bytes: Buffer) => Promise<void> | void) {
    this.#send = send;
  }

  async answer(frame: Buffer): Promise<void> {
    const fault = this.fault;
    const whole = Buffer.concat([this.#kept, frame]);
    this.#kept = Buffer.alloc(0);
    switch (fault.kind) {
      case 'mute':
      case 'dead':
        return;
      case 'join':
        this.#kept = Buffer.from(frame);
        return;
      case 'late':
        await delay(fault.delayMs);
        return this.#send(whole);
      case 'duplicate':
        await this.#send(whole);
        if (fault.gapMs > 0) await delay(fault.gapMs);
        return this.#send(whole);
      case 'garbage':
        return this.#send(noiseOf(fault.bytes));
      case 'noise':
        return this.#send(Buffer.concat([noiseOf(fault.bytes), whole, noiseOf(fault.bytes)]));
      case 'flip':
        return this.#send(flipped(whole, fault.bit));
      case 'split': {
        const half = Math.max(1, whole.length >> 1);
        await this.#send(whole.subarray(0, half));
        await delay(fault.gapMs);
        return this.#send(whole.subarray(half));
      }
      default:
        return this.#send(whole);
    }
  }
}

function noiseOf(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 73 + 41) & 0xff));
}

function flipped(frame: Buffer, bit: number): Buffer {
  const copy = Buffer.from(frame);
  const at = (bit >> 3) % copy.length;
  copy.writeUInt8((copy[at] ?? 0) ^ (1 << (bit & 7)), at);
  return copy;
}
