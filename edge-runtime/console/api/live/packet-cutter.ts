/** MPEG-TS packet length (ISO/IEC 13818-1, 2.4.3.2). */
export const packetBytes = 188;

/**
 * Cuts a stream into whole MPEG-TS packets, so that a viewer who is left out for a while goes on with a whole
 * one.
 */
export class PacketCutter {
  #rest: Buffer = Buffer.alloc(0);

  /** The whole packets so far; the rest waits for the next piece. */
  take(piece: Buffer): Buffer {
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, piece]) : piece;
    const whole = all.length - (all.length % packetBytes);
    this.#rest = all.subarray(whole);
    return all.subarray(0, whole);
  }
}
