/** ISO/IEC 13818-1: transport packets are 188 bytes and begin with 0x47. */
export const packetBytes = 188;
const syncByte = 0x47;

/**
 * Cuts a byte stream into transport packets, however it is split into chunks. Bytes that are in no packet are
 * skipped one by one until two sync bytes stand a packet apart. Holds at most one packet and one byte between
 * calls.
 */
export class PacketCutter {
  #rest: Buffer = Buffer.alloc(0);
  #locked = false;
  #skipped = 0;

  /** Bytes that were in no packet so far. */
  get skippedBytes(): number {
    return this.#skipped;
  }

  /** Calls `onPacket` for each whole packet; the packet is a view into `chunk` where it can be. */
  push(chunk: Buffer, onPacket: (packet: Buffer) => void): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    while (bytes.length - at >= packetBytes) {
      if (bytes[at] !== syncByte) {
        this.#locked = false;
        at++;
        this.#skipped++;
        continue;
      }
      if (!this.#locked) {
        // A lone 0x47 proves nothing: wait for the next packet's.
        if (bytes.length - at === packetBytes) break;
        if (bytes[at + packetBytes] !== syncByte) {
          at++;
          this.#skipped++;
          continue;
        }
        this.#locked = true;
      }
      onPacket(bytes.subarray(at, at + packetBytes));
      at += packetBytes;
    }
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  reset(): void {
    this.#rest = Buffer.alloc(0);
    this.#locked = false;
  }
}
