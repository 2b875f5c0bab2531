/**
 * Watches the bytes a broker sends and says when one control packet announces more than the limit (MQTT 5.0,
 * 2.1.4 Remaining Length). Without it a hostile broker could make the parser gather up to 256 MiB for one
 * message.
 */
export class PacketSizeLimit {
  readonly #limitBytes: number;
  /** Bytes of the current packet's body still to come. */
  #bodyLeft = 0;
  /** Where the fixed header stands: 0 = type byte next, 1 to 4 = length byte n next. */
  #headerAt = 0;
  #length = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /**
   * Returns false as soon as a packet is too long or its length field is malformed; the link must then be
   * cut.
   */
  push(chunk: Uint8Array): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= taken;
        at += taken;
      } else if (!this.#header(chunk[at++] ?? 0)) return false;
    }
    return true;
  }

  #header(byte: number): boolean {
    if (this.#headerAt === 0) {
      this.#headerAt = 1;
      this.#length = 0;
      return true;
    }
    this.#length += (byte & 0x7f) * 128 ** (this.#headerAt - 1);
    if (this.#length > this.#limitBytes) return false;
    if (byte & 0x80) return ++this.#headerAt <= 4;
    this.#bodyLeft = this.#length;
    this.#headerAt = 0;
    return true;
  }
}
