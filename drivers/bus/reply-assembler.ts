import { expectedBytes } from './reply-match.ts';
import type { BusRequest } from './request.ts';

/** A line that is turned around without bias resistors may give up to this many 0x00 or 0xFF before the first byte. */
const maxTurnaroundNoise = 3;

/**
 * Collects the reply to one serial request. RTU has no transaction number, so what cannot be this request's reply
 * spoils the whole exchange instead of being searched for a frame: bytes from before the request can have reached
 * the board, and bytes behind the reply's last.
 */
export class ReplyAssembler {
  readonly #request: BusRequest;
  readonly #sentUntilMs: number;
  #received: Buffer = Buffer.alloc(0);
  #count = 0;
  #spoiled: string | undefined;

  /** `sentUntilMs`: monotonic time at which the request's last bit can have left the wire at the earliest. */
  constructor(request: BusRequest, sentUntilMs: number) {
    this.#request = request;
    this.#sentUntilMs = sentUntilMs;
  }

  /** Once spoiled, bytes are counted and not kept: a babbling line costs no memory. */
  push(chunk: Buffer, nowMs: number): void {
    this.#count += chunk.length;
    if (nowMs < this.#sentUntilMs) this.#spoiled ??= 'bytes came before the request was sent';
    if (this.#spoiled) return;
    const all = Buffer.concat([this.#received, chunk]);
    this.#received = all.subarray(turnaroundNoise(all));
    if (this.#received.length > this.#wanted) this.#spoiled ??= 'bytes came behind the reply';
  }

  /** Why this exchange can no longer be trusted. */
  get spoiled(): string | undefined {
    return this.#spoiled;
  }

  /** True when every byte is there; it is the reply if the line then stays silent. */
  get complete(): boolean {
    return !this.#spoiled && this.#received.length >= 2 && this.#received.length === this.#wanted;
  }

  /** All bytes since the request, noise included. */
  get count(): number {
    return this.#count;
  }

  get reply(): Buffer {
    return this.#received;
  }

  get #wanted(): number {
    return expectedBytes(this.#request, this.#received);
  }
}

/** 0x00 is the broadcast address and 0xFF is reserved: neither can start a reply. */
function turnaroundNoise(bytes: Buffer): number {
  let skipped = 0;
  while (skipped < maxTurnaroundNoise && (bytes[skipped] === 0 || bytes[skipped] === 0xff)) skipped++;
  return skipped;
}
