import { type BusRequest, functionCodes } from './request.ts';

/** An exception reply is unit, code + 0x80, reason and CRC (application protocol V1.1b3, section 7). */
export const exceptionBytes = 5;

/** Bytes of the normal reply with unit and CRC: FC01/FC02 carry a count and packed bits, FC05 echoes the request. */
export function replyBytes(request: BusRequest): number {
  return request.kind === 'write-coil' ? 8 : 5 + Math.ceil(request.count / 8);
}

/** Bytes the reply will have, once its second byte tells a normal reply from an exception. */
export function expectedBytes(request: BusRequest, received: Buffer): number {
  return (received[1] ?? 0) & 0x80 ? exceptionBytes : replyBytes(request);
}

/**
 * Says why a reply (unit, PDU, CRC) cannot belong to a request, or nothing if it can. modbus-serial checks unit and
 * function code only; an FC05 echo with another address or value must never pass for this command's.
 */
export function replyMismatch(request: BusRequest, sent: Buffer, reply: Buffer): string | undefined {
  if (reply[0] !== request.unit) return `unit ${reply[0]} answered instead of ${request.unit}`;
  const code = functionCodes[request.kind];
  const isException = reply[1] === (code | 0x80);
  if (!isException && reply[1] !== code) return `function ${reply[1]} answered instead of ${code}`;
  const bytes = isException ? exceptionBytes : replyBytes(request);
  if (reply.length !== bytes) return `${reply.length} bytes came instead of ${bytes}`;
  if (isException) return undefined;
  if (request.kind === 'write-coil')
    return reply.subarray(0, 6).equals(sent.subarray(0, 6)) ? undefined : 'the echo differs from the write';
  return reply[2] === bytes - 5 ? undefined : `byte count ${reply[2]} instead of ${bytes - 5}`;
}
