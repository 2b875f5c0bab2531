import type { SiteFault } from '@gatehouse/contracts';
import { maxCount } from '../bus/request.ts';
import { bitPlace, spanOf } from './bit-source.ts';
import type { BitSource, Inputs, Pulse, Relays, RelayWrite } from './board-parts.ts';

/**
 * Checks of a whole board: how much is read at once, and that no two relays share an address.
 */
export function boardFaults({
  relays,
  inputs,
  pulse,
}: {
  readonly relays?: Relays | undefined;
  readonly inputs?: Inputs | undefined;
  readonly pulse?: Pulse | undefined;
}): SiteFault[] {
  return [
    ...(relays ? readFaults(['relays', 'read'], relays.read, relays.count) : []),
    ...(inputs ? readFaults(['inputs', 'read'], inputs.read, inputs.count) : []),
    ...(relays && pulse ? writeFaults(relays, pulse) : []),
  ];
}

function readFaults(path: string[], source: BitSource, channels: number): SiteFault[] {
  const { kind, address: first, count: length } = spanOf(source, channels);
  if (first + length > 0x1_0000) return [{ path, code: 'address-beyond', values: { channel: channels - 1 } }];
  const most = maxCount[kind];
  if (length <= most) return [];
  return [{ path: [...path, 'stride'], code: 'span-too-long', values: { channels, length, most } }];
}

/** An address that is written, and whose it is. */
interface Target {
  /** A relay, or all relays of a word whose bits the board changes one by one. */
  readonly of: number | 'word';
  readonly space: 'coil' | 'register';
  readonly address: number;
  readonly from: 'relays.write' | 'pulse';
}

/**
 * Each coil and register may belong to one relay only: a profile that lets two share one would move the wrong
 * door. Relays whose word the board changes bit by bit share it with one another, and with nothing else.
 */
function writeFaults({ count: channels, write }: Relays, pulse: Pulse): SiteFault[] {
  const all = Array.from({ length: channels }, (_, channel) => [
    relayTarget(write, channel),
    ...pulseTargets(write, pulse, channel),
  ]).flat();
  const beyond = all.find(({ address: at }) => at > 0xffff);
  if (beyond) return [beyondFault(beyond)];
  const owner = new Map<string, Target>();
  for (const target of all) {
    const key = `${target.space} ${target.address}`;
    const other = owner.get(key);
    if (other && other.of !== target.of) return [sharedFault(other, target)];
    owner.set(key, target);
  }
  return valueFaults(channels, write, pulse);
}

function beyondFault({ of, from }: Target): SiteFault {
  const path = from.split('.');
  if (of === 'word') return { path, code: 'word-beyond' };
  return { path, code: 'address-beyond', values: { channel: of } };
}

function sharedFault(first: Target, second: Target): SiteFault {
  const values = { address: second.address, first: ownerOf(first), second: ownerOf(second) };
  return { path: second.from.split('.'), code: `${second.space}-shared`, values };
}

/** The field that writes there, with its channel, as in a path: `pulse[2]`. */
function ownerOf({ of, from }: Target): string {
  return of === 'word' ? from : `${from}[${of}]`;
}

/** Where a relay and its pulse share a register, what is written must say which is meant. */
function valueFaults(channels: number, write: RelayWrite, pulse: Pulse): SiteFault[] {
  if (pulse.by === 'board-register' && pulse.first === undefined && write.by !== 'register')
    return [{ path: ['pulse', 'first'], code: 'pulse-first-needed' }];
  if (write.by !== 'register') return [];
  const shares = Array.from({ length: channels }, (_, channel) => channel).some((channel) =>
    pulseTargets(write, pulse, channel).some(
      ({ address }) => address === relayTarget(write, channel).address,
    ),
  );
  if (!shares) return [];
  if (pulse.by !== 'board-register') return [{ path: ['pulse', 'first'], code: 'pulse-on-relay' }];
  const isPulse = (value: number) => value > pulse.base && value <= pulse.base + pulse.maxSteps;
  return (['on', 'off'] as const).flatMap((name): SiteFault[] => {
    const path = ['relays', 'write', name];
    return isPulse(write[name]) ? [{ path, code: 'value-is-pulse', values: { value: write[name] } }] : [];
  });
}

function relayTarget(write: RelayWrite, channel: number): Target {
  const from = 'relays.write';
  if (write.by === 'register-bit')
    return { of: 'word', space: 'register', address: bitPlace(write, channel).address, from };
  const space = write.by === 'coil' ? 'coil' : 'register';
  return { of: channel, space, address: write.first + channel * write.stride, from };
}

function pulseTargets(write: RelayWrite, pulse: Pulse, channel: number): Target[] {
  const at = (space: Target['space'], address: number): Target => ({
    ...{ of: channel, space, address, from: 'pulse' },
  });
  switch (pulse.by) {
    case 'board-coil':
      return [at('coil', pulse.first + channel * pulse.stride)];
    case 'board-register':
      return pulse.first === undefined
        ? [relayTarget(write, channel)]
        : [at('register', pulse.first + channel * pulse.stride)];
    case 'board-command':
      return [0, 1].map((word) => at('register', pulse.first + channel * pulse.stride + word));
    default:
      return [];
  }
}
