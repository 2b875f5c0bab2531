/** Exception codes of the application protocol V1.1b3, section 7. */
export const illegalFunction = 1;
export const illegalAddress = 2;
export const illegalValue = 3;

/** The PDU by which a board refuses a request. */
export function exception(code: number, reason: number): Buffer {
  return Buffer.from([code | 0x80, reason]);
}

/** The PDU that answers a read of bits (functions 1 and 2): a byte count, then bits, lowest first. */
export function bitsReply(code: number, bits: readonly boolean[]): Buffer {
  const reply = Buffer.alloc(2 + Math.ceil(bits.length / 8));
  reply.writeUInt8(code, 0);
  reply.writeUInt8(reply.length - 2, 1);
  for (const [i, bit] of bits.entries())
    if (bit) reply[2 + (i >> 3)] = (reply[2 + (i >> 3)] ?? 0) | (1 << (i & 7));
  return reply;
}

/**
 * The PDU that answers a read of registers (functions 3 and 4): a byte count, then 16 bits each, high byte
 * first.
 */
export function registersReply(code: number, registers: readonly number[]): Buffer {
  const reply = Buffer.alloc(2 + 2 * registers.length);
  reply.writeUInt8(code, 0);
  reply.writeUInt8(2 * registers.length, 1);
  for (const [i, register] of registers.entries()) reply.writeUInt16BE(register & 0xffff, 2 + 2 * i);
  return reply;
}
