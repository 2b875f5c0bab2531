/** Stream types of ISO/IEC 13818-1 table 2-34 that are pictures we can decode. */
const codecOf: Readonly<Record<number, string>> = { 27: 'h264', 36: 'h265' };
const noPid = -1;

/** The meaning of one transport packet for the ring. */
export type PacketKind =
  | { readonly kind: 'pat' }
  | { readonly kind: 'pmt' }
  /**
   * A picture begins here; `pts` in 90 kHz ticks, 33 bits; `key`: a decoder can start here; `bytes` of it in
   * this packet.
   */
  | { readonly kind: 'picture'; readonly pts: number; readonly key: boolean; readonly bytes: number }
  /** More bytes of the picture that began before. */
  | { readonly kind: 'more'; readonly bytes: number }
  | { readonly kind: 'other' };

const other: PacketKind = { kind: 'other' };

/**
 * Reads just enough of an MPEG transport stream: which packets hold the program tables, where pictures begin,
 * when they are shown, and which are keyframes (random_access_indicator). Whatever the bytes are, it answers
 * and never throws.
 */
export class TsReader {
  #pmtPid = noPid;
  #videoPid = noPid;
  #codec: string | undefined;

  /** `h264` or `h265` once the program map has been seen. */
  get codec(): string | undefined {
    return this.#codec;
  }

  reset(): void {
    this.#pmtPid = noPid;
    this.#videoPid = noPid;
    this.#codec = undefined;
  }

  /** Says what a 188-byte packet is. */
  read(packet: Buffer): PacketKind {
    const header = packet.readUInt32BE(0);
    const pid = (header >> 8) & 0x1fff;
    const unitStart = (header & 0x40_0000) !== 0;
    const damaged = (header & 0x80_0000) !== 0;
    const payloadAt = payloadOffset(packet);
    if (damaged || payloadAt === undefined) return other;
    if (pid === 0) {
      if (unitStart) this.#readPat(packet, payloadAt);
      return { kind: 'pat' };
    }
    if (pid === this.#pmtPid) {
      if (unitStart) this.#readPmt(packet, payloadAt);
      return { kind: 'pmt' };
    }
    if (pid !== this.#videoPid) return other;
    const bytes = packet.length - payloadAt;
    if (!unitStart) return { kind: 'more', bytes };
    const pts = readPts(packet, payloadAt);
    return pts === undefined ? other : { kind: 'picture', pts, key: isRandomAccess(packet), bytes };
  }

  /** Program association section (2.4.4.3): the first program's map PID. ffmpeg writes one program. */
  #readPat(packet: Buffer, payloadAt: number) {
    const section = sectionOf(packet, payloadAt, 0x00);
    for (let at = 8; section && at + 4 <= section.length; at += 4) {
      if (section.readUInt16BE(at) === 0) continue;
      this.#pmtPid = section.readUInt16BE(at + 2) & 0x1fff;
      return;
    }
  }

  /** Program map section (2.4.4.8): the first elementary stream that is video. */
  #readPmt(packet: Buffer, payloadAt: number) {
    const section = sectionOf(packet, payloadAt, 0x02);
    if (!section || section.length < 12) return;
    let at = 12 + (section.readUInt16BE(10) & 0x0fff);
    while (at + 5 <= section.length) {
      const codec = codecOf[section.readUInt8(at)];
      if (codec) {
        this.#codec = codec;
        this.#videoPid = section.readUInt16BE(at + 1) & 0x1fff;
        return;
      }
      at += 5 + (section.readUInt16BE(at + 3) & 0x0fff);
    }
  }
}

/** Where the payload begins (2.4.3.3), or undefined where there is none. */
function payloadOffset(packet: Buffer): number | undefined {
  const control = (packet.readUInt8(3) >> 4) & 3;
  if ((control & 1) === 0) return undefined;
  const at = control === 3 ? 5 + packet.readUInt8(4) : 4;
  return at < packet.length ? at : undefined;
}

function isRandomAccess(packet: Buffer): boolean {
  const hasAdaptation = (packet.readUInt8(3) & 0x20) !== 0;
  return hasAdaptation && packet.readUInt8(4) > 0 && (packet.readUInt8(5) & 0x40) !== 0;
}

/** The section that starts in this packet, without its CRC, as far as it lies in the packet. */
function sectionOf(packet: Buffer, payloadAt: number, tableId: number): Buffer | undefined {
  const start = payloadAt + 1 + packet.readUInt8(payloadAt);
  if (start + 3 > packet.length || packet.readUInt8(start) !== tableId) return undefined;
  const length = packet.readUInt16BE(start + 1) & 0x0fff;
  const end = Math.min(packet.length, start + 3 + length - 4);
  return end > start ? packet.subarray(start, end) : undefined;
}

/** The presentation time in a PES header (2.4.3.6), 33 bits at 90 kHz. */
function readPts(packet: Buffer, at: number): number | undefined {
  if (at + 14 > packet.length || packet.readUIntBE(at, 3) !== 1) return undefined;
  if ((packet.readUInt8(at + 7) & 0x80) === 0) return undefined;
  const high = (packet.readUInt8(at + 9) >> 1) & 7;
  const middle = packet.readUInt16BE(at + 10) >> 1;
  const low = packet.readUInt16BE(at + 12) >> 1;
  return high * 2 ** 30 + middle * 2 ** 15 + low;
}
