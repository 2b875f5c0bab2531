import { type BusRequest, functionCodes, isRead } from './request.ts';

/** An exception reply is unit, code + 0x80, reason and CRC (application protocol V1.1b3, section 7). */
export const exceptionBytes = 5;

/**
 * Bytes of the normal reply with unit and CRC: reads carry a byte count and data, writes of one coil or
 * register and masks are echoed, and functions 15 and 16 are answered by address and count.
 */
export function replyBytes(request: BusRequest): number {
  if (!isRead(request)) return request.kind === 'mask-register' ? 10 : 8;
  const isBits = request.kind === 'read-coils' || request.kind === 'read-inputs';
  return 5 + (isBits ? Math.ceil(request.count / 8) : 2 * request.count);
}

/** Bytes the reply will have, once its second byte tells a normal reply from an exception. */
export function expectedBytes(request: BusRequest, received: Buffer): number {
  return (received[1] ?? 0) & 0x80 ? exceptionBytes : replyBytes(request);
}

/** The reason of a reply of the right shape that is an exception; nothing for any other. */
export function exceptionReason(reply: Buffer): number | undefined {
  return ((reply[1] ?? 0) & 0x80) !== 0 ? reply[2] : undefined;
}

/** The reasons of section 7, as an installer needs them. */
const exceptionReasons: Readonly<Record<number, string>> = {
  1: 'it does not know this function',
  2: 'it does not have this address',
  3: 'it does not take this value or count',
  4: 'it failed to do it',
  5: 'it needs more time',
  6: 'it is busy',
  10: 'the gateway has no path to it',
  11: 'it does not answer its gateway',
};

/** An exception in words. */
export function describeException(reason: number): string {
  return `the board answers with exception ${reason}: ${exceptionReasons[reason] ?? 'unknown reason'}`;
}

/**
 * Says why a reply (unit, PDU, CRC) cannot belong to a request, or nothing if it can. An echo with another
 * address or value must never pass for this command's.
 */
export function replyMismatch(request: BusRequest, sent: Buffer, reply: Buffer): string | undefined {
  if (reply[0] !== request.unit) return `unit ${reply[0]} answered instead of ${request.unit}`;
  const code = functionCodes[request.kind];
  const refused = reply[1] === (code | 0x80);
  if (!refused && reply[1] !== code) return `function ${reply[1]} answered instead of ${code}`;
  const bytes = refused ? exceptionBytes : replyBytes(request);
  if (reply.length !== bytes) return `${reply.length} bytes came instead of ${bytes}`;
  if (refused) return undefined;
  if (!isRead(request)) {
    // Behind its address and count, which are the echo's too, a request of function 15 or 16 has its values.
    const same = bytes - 2;
    return reply.subarray(0, same).equals(sent.subarray(0, same))
      ? undefined
      : 'the echo differs from the write';
  }
  return reply[2] === bytes - 5 ? undefined : `byte count ${reply[2]} instead of ${bytes - 5}`;
}
