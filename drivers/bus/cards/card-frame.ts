/**
 * Frames of Wiegand/RS-485 reader boards in their serial mode, 9600 8N1: STX, ten hexadecimal digits (five
 * bytes of the card), two digits with the XOR of the five bytes, ETX. Data sheet of the 125 kHz module by
 * Seeed, "TTL RS232 data format".
 */
const stx = 0x02;
const etx = 0x03;
const cardDigits = 10;
const frameBytes = 1 + cardDigits + 2 + 1;

/** Most bytes kept while a frame is incomplete; what is older cannot belong to it. */
export const maxBuffered = frameBytes;

/**
 * Cuts card numbers out of a stream of bytes, however it is split or joined; noise costs the frame it hits
 * and no other.
 */
export class CardFrameParser {
  #bytes: Buffer = Buffer.alloc(0);
  /** Bytes that belonged to no frame. */
  noise = 0;

  /** The cards whose last byte has come, as hexadecimal digits in upper case. */
  push(chunk: Buffer): string[] {
    const cards: string[] = [];
    let rest = Buffer.concat([this.#bytes, chunk]);
    while (rest.length > 0) {
      const card = cardOf(rest);
      if (card === 'incomplete') break;
      // One byte on, not one frame: the real beginning may lie within what only looked like one.
      const used = card === undefined ? 1 : frameBytes;
      if (card === undefined) this.noise++;
      else cards.push(card);
      rest = rest.subarray(used);
    }
    this.#bytes = Buffer.from(rest);
    return cards;
  }

  get buffered(): number {
    return this.#bytes.length;
  }
}

/** The card of the frame that begins here; nothing if none does, or `incomplete` if one may. */
function cardOf(bytes: Buffer): string | 'incomplete' | undefined {
  if (bytes[0] !== stx) return undefined;
  const digits = bytes.subarray(1, frameBytes - 1).toString('latin1');
  if (!/^[0-9A-Fa-f]*$/.test(digits)) return undefined;
  if (bytes.length < frameBytes) return 'incomplete';
  if (bytes[frameBytes - 1] !== etx) return undefined;
  const [sum, ...card] = [...Buffer.from(digits, 'hex')].reverse();
  const xor = card.reduce((all, byte) => all ^ byte, 0);
  return xor === sum ? digits.slice(0, cardDigits).toUpperCase() : undefined;
}
