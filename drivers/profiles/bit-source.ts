import type { Exchange, ReadKind, ReadRequest } from '../bus/request.ts';
import type { BitSource } from './board-parts.ts';

/** Where a channel is read, for whoever shows raw registers. */
export interface Place {
  readonly kind: ReadKind;
  readonly address: number;
  /** Of a packed word: 0 is the lowest bit as it arrives. */
  readonly bit?: number;
}

const readKinds = {
  coils: 'read-coils',
  inputs: 'read-inputs',
  holding: 'read-holding',
  'holding-bits': 'read-holding',
  'input-registers': 'read-input-registers',
  'input-register-bits': 'read-input-registers',
} as const satisfies Record<BitSource['by'], ReadKind>;

/** Where channel `channel` of a board is read. */
export function placeOf(source: BitSource, channel: number): Place {
  const kind = readKinds[source.by];
  if (!('firstBit' in source)) return { kind, address: source.first + channel * source.stride };
  return { kind, ...bitPlace(source, channel) };
}

/** Where a bit of packed words is: `swapped` words arrive with their low byte in front. */
export function bitPlace(
  {
    first,
    firstBit,
    swapped,
  }: { readonly first: number; readonly firstBit: number; readonly swapped: boolean },
  channel: number,
): { readonly address: number; readonly bit: number } {
  const at = firstBit + channel;
  const bit = at % 16;
  return { address: first + Math.floor(at / 16), bit: swapped ? (bit + 8) % 16 : bit };
}

/** The addresses that hold all channels of a board. */
export function spanOf(source: BitSource, channels: number): Omit<ReadRequest, 'unit'> {
  const { kind, address } = placeOf(source, 0);
  return { kind, address, count: placeOf(source, channels - 1).address - address + 1 };
}

/** The answer to a read of that span, one bit a channel; true is on, or closed. */
export function bitsIn(source: BitSource, channels: number, { bits, registers }: Exchange): boolean[] {
  return Array.from({ length: channels }, (_, channel) => {
    const { address, bit = 0 } = placeOf(source, channel);
    const at = address - source.first;
    if ('mask' in source) return ((registers[at] ?? 0) & source.mask) === source.on;
    const read = 'firstBit' in source ? ((registers[at] ?? 0) >> bit) & 1 : bits[at] === true ? 1 : 0;
    return read === source.on;
  });
}
