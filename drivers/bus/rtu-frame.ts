import { type BusRequest, functionCodes, isRead } from './request.ts';

/**
 * CRC-16/MODBUS of each byte value, so that a frame costs one look-up a byte (serial line specification,
 * 6.2.2).
 */
const crcTable = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  return crc;
});

/** CRC-16/MODBUS of the first `length` bytes. */
export function crc16(bytes: Buffer, length = bytes.length): number {
  let crc = 0xffff;
  for (let i = 0; i < length; i++) crc = (crc >> 8) ^ (crcTable[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0);
  return crc;
}

/** The serial frame of a body (unit and PDU): the CRC behind it, low byte first. */
export function withCrc(body: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(body.length + 2);
  body.copy(frame);
  frame.writeUInt16LE(crc16(body), body.length);
  return frame;
}

/** The serial frame of a request: unit, function, address, what the function asks for, CRC. */
export function encodeRequest(request: BusRequest): Buffer {
  const head = Buffer.allocUnsafe(4);
  head.writeUInt8(request.unit, 0);
  head.writeUInt8(functionCodes[request.kind], 1);
  head.writeUInt16BE(request.address, 2);
  return withCrc(Buffer.concat([head, fieldsOf(request)]));
}

/**
 * The part of a frame after the address (application protocol V1.1b3, sections 6.1 to 6.6, 6.11, 6.12 and
 * 6.16).
 */
function fieldsOf(request: BusRequest): Buffer {
  switch (request.kind) {
    case 'write-coil':
    case 'write-register':
      return words(request.value);
    case 'write-one-coil':
      return Buffer.concat([words(1), Buffer.from([1, request.on ? 1 : 0])]);
    case 'write-registers':
      return Buffer.concat([
        words(request.words.length),
        Buffer.from([2 * request.words.length]),
        words(...request.words),
      ]);
    case 'mask-register':
      return words(request.and, request.or);
    default:
      return words(request.count);
  }
}

/** 16 bits each, high byte first. */
function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(2 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt16BE(value, 2 * i);
  return bytes;
}

/** Why these bytes are no frame at all: too short, or the CRC does not fit. */
export function frameFault(frame: Buffer): string | undefined {
  if (frame.length < 5) return `${frame.length} bytes are too few for a reply`;
  return crc16(frame, frame.length - 2) === frame.readUInt16LE(frame.length - 2)
    ? undefined
    : 'the CRC does not fit';
}

/** The values of a matching reply to a read; empty for a write or an exception. */
export function valuesOf(
  request: BusRequest,
  reply: Buffer,
): { bits: readonly boolean[]; registers: readonly number[] } {
  if (!isRead(request)) return { bits: [], registers: [] };
  const { kind, count } = request;
  if (kind === 'read-coils' || kind === 'read-inputs') {
    const bit = (_: unknown, i: number) => (((reply[3 + (i >> 3)] ?? 0) >> (i & 7)) & 1) === 1;
    return { bits: Array.from({ length: count }, bit), registers: [] };
  }
  return { bits: [], registers: Array.from({ length: count }, (_, i) => reply.readUInt16BE(3 + 2 * i)) };
}
