/** NTP counts from 1900, Unix from 1970: seconds between (RFC 5905). */
const ntpOffsetS = 2_208_988_800;
/** Size, type, version and flags, track, NTP time: as much of a `prft` box as is needed. */
const neededBytes = 24;
const headerBytes = 8;

/**
 * Reads producer reference times (`prft`, ISO/IEC 14496-12 8.16.5) out of a fragmented MP4 and skips
 * everything else, however the bytes are cut. Holds 24 bytes at most. What is no MP4 gives nothing, and
 * nothing more after it; it never throws.
 */
export class ReferenceTimes {
  #head: Buffer = Buffer.alloc(0);
  #skip = 0;
  #broken = false;

  /** Wall times in these bytes, milliseconds since 1970. */
  push(chunk: Buffer): number[] {
    const found: number[] = [];
    let at = 0;
    while (at < chunk.length && !this.#broken) {
      const passed = Math.min(this.#skip, chunk.length - at);
      this.#skip -= passed;
      at += passed;
      const taken = chunk.subarray(at, at + this.#wanted() - this.#head.length);
      if (taken.length === 0) continue;
      this.#head = Buffer.concat([this.#head, taken]);
      at += taken.length;
      if (this.#head.length === this.#wanted()) this.#box(found);
    }
    return found;
  }

  #wanted(): number {
    return this.#head.length >= headerBytes && this.#isReference() ? neededBytes : headerBytes;
  }
  #isReference(): boolean {
    return this.#head.toString('latin1', 4, 8) === 'prft' && this.#head.readUInt32BE(0) >= neededBytes;
  }

  /** The head of a box is complete. */
  #box(found: number[]) {
    if (this.#head.length < this.#wanted()) return;
    const size = this.#head.readUInt32BE(0);
    // 0 and 1 are boxes without an end and of over 4 GiB: ffmpeg writes neither in fragments.
    if (size < headerBytes) this.#broken = true;
    else {
      if (this.#head.length === neededBytes)
        found.push(ntpMs(this.#head.readUInt32BE(16), this.#head.readUInt32BE(20)));
      this.#skip = size - this.#head.length;
    }
    this.#head = Buffer.alloc(0);
  }
}

function ntpMs(seconds: number, fraction: number): number {
  return (seconds - ntpOffsetS) * 1000 + (fraction * 1000) / 2 ** 32;
}
