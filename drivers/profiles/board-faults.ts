import { maxCount } from '../bus/request.ts';
import { spanOf } from './bit-source.ts';
import type { BitSource, BoardFile, Pulse, Relays, RelayWrite } from './board-file.ts';

/** Something wrong with a board that no field of it shows alone. */
export interface Fault {
  readonly path: string[];
  readonly message: string;
}

/**
 * What only makes sense of a whole board: how much is read at once, and that no two relays share an address.
 */
export function boardFaults({
  relays,
  inputs,
  pulse,
}: Pick<BoardFile, 'relays' | 'inputs' | 'pulse'>): Fault[] {
  return [
    ...(relays ? readFaults(['relays', 'read'], relays.read, relays.count) : []),
    ...(inputs ? readFaults(['inputs', 'read'], inputs.read, inputs.count) : []),
    ...(relays && pulse ? writeFaults(relays, pulse) : []),
  ];
}

function readFaults(path: string[], source: BitSource, channels: number): Fault[] {
  const { kind, address: first, count: length } = spanOf(source, channels);
  if (first + length > 0x1_0000)
    return [{ path, message: `channel ${channels - 1} would lie beyond address 65535` }];
  const most = maxCount[kind];
  return length > most
    ? [
        {
          path: [...path, 'stride'],
          message: `not supported: ${channels} channels span ${length} addresses, and one read takes ${most}`,
        },
      ]
    : [];
}

/** An address that a relay is written at, by what it is called in a message. */
interface Target {
  readonly channel: number;
  readonly space: 'coil' | 'register';
  readonly address: number;
  readonly from: 'relays.write' | 'pulse';
}

/**
 * Each coil and register may belong to one relay only: a profile that lets two share one would move the wrong
 * door. Bits of one word are apart, because the board changes one of them alone.
 */
function writeFaults({ count: channels, write }: Relays, pulse: Pulse): Fault[] {
  const all = Array.from({ length: channels }, (_, channel) => [
    ...relayTargets(write, channel),
    ...pulseTargets(write, pulse, channel),
  ]).flat();
  const beyond = all.find(({ address: at }) => at > 0xffff);
  if (beyond)
    return [
      { path: beyond.from.split('.'), message: `channel ${beyond.channel} would lie beyond address 65535` },
    ];
  const owner = new Map<string, Target>();
  for (const target of all) {
    const key = `${target.space} ${target.address}`;
    const other = owner.get(key);
    const isOwn = other?.channel === target.channel;
    if (other && !isOwn)
      return [
        {
          path: target.from.split('.'),
          message: `${key} is of channel ${other.channel} (${other.from}) and of channel ${target.channel}`,
        },
      ];
    owner.set(key, target);
  }
  return valueFaults(write, pulse);
}

/** Where a relay and its pulse share a register, what is written must say which is meant. */
function valueFaults(write: RelayWrite, pulse: Pulse): Fault[] {
  if (pulse.by !== 'board-register') return [];
  if (pulse.first === undefined && write.by !== 'register')
    return [{ path: ['pulse', 'first'], message: 'is needed where relays are not written by "register"' }];
  if (write.by !== 'register' || (pulse.first ?? write.first) !== write.first) return [];
  const isPulse = (value: number) => value > pulse.base && value <= pulse.base + pulse.maxSteps;
  return (['on', 'off'] as const).flatMap((name) =>
    isPulse(write[name])
      ? [{ path: ['relays', 'write', name], message: `${write[name]} is a pulse of this register, too` }]
      : [],
  );
}

function relayTargets(write: RelayWrite, channel: number): Target[] {
  const from = 'relays.write';
  // Bits of a word are no addresses of their own.
  if (write.by === 'register-bit') return [];
  const space = write.by === 'coil' ? 'coil' : 'register';
  return [{ channel, space, address: write.first + channel * write.stride, from }];
}

function pulseTargets(write: RelayWrite, pulse: Pulse, channel: number): Target[] {
  const from = 'pulse';
  switch (pulse.by) {
    case 'board-coil':
      return [{ channel, space: 'coil', address: pulse.first + channel * pulse.stride, from }];
    case 'board-register':
      return pulse.first === undefined
        ? relayTargets(write, channel)
        : [{ channel, space: 'register', address: pulse.first + channel * pulse.stride, from }];
    case 'board-command':
      return [0, 1].map((word) => ({
        ...{ channel, space: 'register' as const, from: 'pulse' as const },
        address: pulse.first + channel * pulse.stride + word,
      }));
    default:
      return [];
  }
}
