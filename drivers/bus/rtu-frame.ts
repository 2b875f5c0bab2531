import { type BusRequest, functionCodes } from './request.ts';

/** CRC-16/MODBUS of each byte value, so that a frame costs one look-up a byte (serial line specification, 6.2.2). */
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

/** The serial frame of a request: unit, function, address, count or value, CRC with its low byte first. */
export function encodeRequest(request: BusRequest): Buffer {
  const frame = Buffer.allocUnsafe(8);
  frame.writeUInt8(request.unit, 0);
  frame.writeUInt8(functionCodes[request.kind], 1);
  frame.writeUInt16BE(request.address, 2);
  frame.writeUInt16BE('value' in request ? request.value : request.count, 4);
  frame.writeUInt16LE(crc16(frame, 6), 6);
  return frame;
}

/** Why these bytes are no frame at all: too short, or the CRC does not fit. */
export function frameFault(frame: Buffer): string | undefined {
  if (frame.length < 5) return `${frame.length} bytes are too few for a reply`;
  return crc16(frame, frame.length - 2) === frame.readUInt16LE(frame.length - 2)
    ? undefined
    : 'the CRC does not fit';
}

/** What a matching reply to a read says; empty for a write or an exception. */
export function valuesOf(
  request: BusRequest,
  reply: Buffer,
): { bits: readonly boolean[]; registers: readonly number[] } {
  if ('value' in request) return { bits: [], registers: [] };
  const { kind, count } = request;
  if (kind === 'read-coils' || kind === 'read-inputs') {
    const bit = (_: unknown, i: number) => (((reply[3 + (i >> 3)] ?? 0) >> (i & 7)) & 1) === 1;
    return { bits: Array.from({ length: count }, bit), registers: [] };
  }
  return { bits: [], registers: Array.from({ length: count }, (_, i) => reply.readUInt16BE(3 + 2 * i)) };
}
