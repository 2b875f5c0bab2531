import { cameBack, type LocalEcho, mayComeEarly, type ReplyReading, readReply } from './reply-reading.ts';
import type { BusRequest } from './request.ts';

/**
 * Most bytes kept since a request: the longest echo, the longest reply (256) and noise around both.
 */
const keptBytes = 288;

export interface Asked {
  readonly request: BusRequest;
  readonly sent: Buffer;
  /** Monotonic time at which the request's last bit can have left the wire at the earliest. */
  readonly sentUntilMs: number;
  readonly echo: LocalEcho;
}

/**
 * Collects the reply to one serial request. What cannot be this request's reply spoils the whole exchange:
 * bytes from before the request can have reached the board, and bytes behind the reply's last.
 */
export class ReplyAssembler {
  readonly #asked: Asked;
  #raw: Buffer = Buffer.alloc(0);
  #count = 0;
  #reading: ReplyReading = { is: 'silence', echoed: false };

  constructor(asked: Asked) {
    this.#asked = asked;
  }

  /**
   * Once spoiled it stays so. Beyond what any reply takes bytes are counted and not kept: a babbling line
   * costs no memory.
   */
  push(chunk: Buffer, nowMs: number): void {
    const { request, sent, sentUntilMs, echo } = this.#asked;
    this.#count += chunk.length;
    this.#raw = Buffer.concat([this.#raw, chunk]).subarray(0, keptBytes);
    if (this.#reading.is === 'spoiled') return;
    const isEarly = nowMs < sentUntilMs && !mayComeEarly(sent, this.#raw, echo);
    if (isEarly) this.#reading = { is: 'spoiled', why: 'bytes came before the request was sent' };
    else this.#reading = readReply(request, sent, this.#raw, echo);
  }

  /** The bytes so far. A whole reply counts if the line stays silent after it. */
  get reading(): ReplyReading {
    return this.#reading;
  }

  /** All bytes since the request, noise and echo included. */
  get count(): number {
    return this.#count;
  }

  /** True where the line gave back what was sent, whatever came behind it. */
  get cameBack(): boolean {
    return cameBack(this.#asked.sent, this.#raw);
  }
}
