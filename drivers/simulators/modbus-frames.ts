/**
 * Modbus framing as the simulated boards speak it, written from the specifications alone
 * (MODBUS Application Protocol V1.1b3, MODBUS over Serial Line V1.02, MODBUS Messaging on TCP/IP V1.0b).
 */

/** CRC-16/MODBUS, bit by bit (serial line specification, section 6.2.2). */
export function crcOf(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** A serial frame: unit, PDU, CRC with its low byte first. */
export function rtuFrame(unit: number, pdu: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from([unit]), pdu]);
  const crc = crcOf(body);
  return Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]);
}

/** A TCP frame: MBAP header (transaction, protocol 0, length, unit) and PDU. */
export function tcpFrame(transaction: number, unit: number, pdu: Uint8Array): Buffer {
  const header = Buffer.alloc(7);
  header.writeUInt16BE(transaction, 0);
  header.writeUInt16BE(pdu.length + 1, 4);
  header.writeUInt8(unit, 6);
  return Buffer.concat([header, pdu]);
}

export interface TcpRequest {
  readonly transaction: number;
  readonly unit: number;
  readonly pdu: Buffer;
}

/** Cuts whole TCP requests off the front of a buffer. */
export function takeTcpRequests(buffer: Buffer): { requests: TcpRequest[]; rest: Buffer } {
  const requests: TcpRequest[] = [];
  let rest = buffer;
  while (rest.length >= 8) {
    const end = 6 + rest.readUInt16BE(4);
    if (rest.length < end) break;
    requests.push({
      transaction: rest.readUInt16BE(0),
      unit: rest.readUInt8(6),
      pdu: Buffer.from(rest.subarray(7, end)),
    });
    rest = rest.subarray(end);
  }
  return { requests, rest };
}

/** All requests these boards know (FC01, FC02, FC05) are eight bytes on a serial line. */
export const rtuRequestBytes = 8;

/**
 * Bytes of the serial request that begins here, of any function up to 6 or 15, 16, 22; more than there are
 * while it is not known.
 */
export function requestBytes(begun: Uint8Array): number {
  const code = begun[1] ?? 0;
  if (code === 22) return 10;
  if (code !== 15 && code !== 16) return rtuRequestBytes;
  return 9 + (begun[6] ?? 255);
}
