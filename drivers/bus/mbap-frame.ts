/**
 * Modbus TCP framing: a header of seven bytes (transaction, protocol, length, unit), then the PDU. Byte order
 * is big-endian (MODBUS Messaging on TCP/IP Implementation Guide V1.0b, section 3.1).
 */
export interface MbapFrame {
  readonly transaction: number;
  /** 0 is Modbus. Anything else is another protocol on the same port. */
  readonly protocol: number;
  /** Unit and PDU, as on a serial line but without CRC. */
  readonly body: Buffer;
}

/** Transaction, protocol and length; the length counts from the unit on. */
const prefixBytes = 6;
/** Unit and a PDU of 1 to 253 bytes (section 3.1.2). */
const bodyBytes = { least: 2, most: 254 } as const;

/** The TCP frame of a serial frame: the header in front, and no CRC. */
export function encodeMbap(transaction: number, serialFrame: Buffer): Buffer {
  const body = serialFrame.subarray(0, -2);
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt16BE(transaction, 0);
  prefix.writeUInt16BE(body.length, 4);
  return Buffer.concat([prefix, body]);
}

/**
 * Cuts frames out of a TCP stream, however it is split or joined. Holds 260 bytes at most between two chunks.
 */
export class MbapReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * Whole frames in their order. Throws once a length cannot be one: a stream has no mark to find the next
   * frame by, so the connection has to be opened anew.
   */
  push(chunk: Buffer): MbapFrame[] {
    const frames: MbapFrame[] = [];
    let rest = Buffer.concat([this.#rest, chunk]);
    while (rest.length >= prefixBytes) {
      const length = rest.readUInt16BE(4);
      if (length < bodyBytes.least || length > bodyBytes.most)
        throw new Error(`its header says ${length} bytes, and Modbus TCP has 2 to 254`);
      const end = prefixBytes + length;
      if (rest.length < end) break;
      const body = Buffer.from(rest.subarray(prefixBytes, end));
      frames.push({ transaction: rest.readUInt16BE(0), protocol: rest.readUInt16BE(2), body });
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return frames;
  }
}
