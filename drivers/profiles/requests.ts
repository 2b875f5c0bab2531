import { errorOf } from '@gatehouse/kit';
import {
  type BusRequest,
  describeRequest,
  type Exchange,
  isRead,
  type ReadRequest,
  type WriteRequest,
} from '../bus/request.ts';
import { bitPlace, bitsIn, spanOf } from './bit-source.ts';
import type { Inputs, Relays, RelayWrite } from './board-parts.ts';
import type { Profile } from './profile.ts';

const coilOn = 0xff00;
const coilOff = 0x0000;

// The requests that a profile makes of what the box wants. Writes go to single channels: no toggle, no
// all-coils, no broadcast.

/** Reads all relays of a board at once. */
export function readRelays(profile: Profile, unit: number): ReadRequest {
  const { read, count } = relaysOf(profile);
  return { ...spanOf(read, count), unit };
}

/** The answer to `readRelays`, as one bit a relay; true is on. */
export function relayBits(profile: Profile, exchange: Exchange): readonly boolean[] {
  const { read, count } = relaysOf(profile);
  return bitsIn(read, count, exchange);
}

/** Reads all inputs of a board at once. */
export function readInputs(profile: Profile, unit: number): ReadRequest {
  const { read, count } = inputsOf(profile);
  return { ...spanOf(read, count), unit };
}

/** The answer to `readInputs`, as one bit an input; true is closed. */
export function inputBits(profile: Profile, exchange: Exchange): readonly boolean[] {
  const { read, count } = inputsOf(profile);
  return bitsIn(read, count, exchange);
}

/**
 * Closes a relay for a time: by the board's own pulse (rounded up to its step), else on, and the box must
 * release it.
 */
export function pulseRelay(profile: Profile, unit: number, channel: number, pulseMs: number): WriteRequest {
  const { pulse } = profile;
  if (!('stepMs' in pulse)) return switchRelay(profile, unit, channel, true);
  return pulseOf(
    profile,
    unit,
    channel,
    Math.min(pulse.maxSteps, Math.max(1, Math.ceil(pulseMs / pulse.stepMs))),
  );
}

/** Opens a relay: ends a pulse that the box times, or a hold. */
export function releaseRelay(profile: Profile, unit: number, channel: number): WriteRequest {
  return switchRelay(profile, unit, channel, false);
}

/**
 * Longest pulse that the board times, milliseconds; nothing where the box times it and any length will do.
 */
export function longestPulseMs({ pulse }: Profile): number | undefined {
  if (pulse.by === 'box') return undefined;
  return pulse.by === 'board-fixed' ? pulse.ms : pulse.stepMs * pulse.maxSteps;
}

/**
 * Throws unless the write is one that the profile makes of a single relay: on, off or its pulse. Toggles,
 * writes to all relays and broadcasts (unit 0) so never reach a wire, whatever asked for them.
 */
export function checkWrite(profile: Profile, request: BusRequest): void {
  if (isRead(request)) return;
  const { unit } = request;
  const channels = Array.from({ length: profile.relays.count }, (_, channel) => channel);
  const isOfOneRelay = channels.some((channel) => isWriteOf(profile, channel, request));
  if (isOfOneRelay && unit >= 1) return;
  throw errorOf('WRITE_FORBIDDEN', { profile: profile.id, request: describeRequest(request) });
}

function isWriteOf(profile: Profile, channel: number, request: WriteRequest): boolean {
  const { unit } = request;
  const { pulse } = profile;
  const steps = stepsIn(profile, request);
  const isStep = 'stepMs' in pulse && steps !== undefined && steps >= 1 && steps <= pulse.maxSteps;
  return [
    switchRelay(profile, unit, channel, true),
    switchRelay(profile, unit, channel, false),
    ...(isStep ? [pulseOf(profile, unit, channel, steps)] : []),
  ].some((allowed) => same(allowed, request));
}

/** The length that a write would ask for if it were a pulse. */
function stepsIn({ pulse }: Profile, request: WriteRequest): number | undefined {
  const base = pulse.by === 'board-register' ? pulse.base : 0;
  if (request.kind === 'write-registers') return (request.words.at(-1) ?? 0) - base;
  if (request.kind === 'write-coil' || request.kind === 'write-register') return request.value - base;
  return undefined;
}

function pulseOf(profile: Profile, unit: number, channel: number, steps: number): WriteRequest {
  const { pulse } = profile;
  switch (pulse.by) {
    case 'board-coil':
      return { kind: 'write-coil', unit, address: pulse.first + channel * pulse.stride, value: steps };
    case 'board-command':
      return {
        kind: 'write-registers',
        unit,
        address: pulse.first + channel * pulse.stride,
        words: [pulse.command, steps],
      };
    case 'board-register': {
      const { write } = relaysOf(profile);
      const own = write.by === 'register' ? write : undefined;
      const first = pulse.first ?? own?.first ?? 0;
      const stride = pulse.first === undefined ? (own?.stride ?? 1) : pulse.stride;
      return registerWrite(own?.function ?? 6, unit, first + channel * stride, pulse.base + steps);
    }
    default:
      throw new Error(`profile ${profile.id} times no pulse`);
  }
}

function switchRelay(profile: Profile, unit: number, channel: number, on: boolean): WriteRequest {
  return switched(relaysOf(profile).write, unit, channel, on);
}

function switched(write: RelayWrite, unit: number, channel: number, on: boolean): WriteRequest {
  if (write.by === 'register-bit') {
    const { address, bit } = bitPlace(write, channel);
    return { kind: 'mask-register', unit, address, and: 0xffff & ~(1 << bit), or: on ? 1 << bit : 0 };
  }
  const address = write.first + channel * write.stride;
  if (write.by === 'register') return registerWrite(write.function, unit, address, on ? write.on : write.off);
  if (write.function === 15) return { kind: 'write-one-coil', unit, address, on };
  return { kind: 'write-coil', unit, address, value: on ? coilOn : coilOff };
}

function registerWrite(code: 6 | 16, unit: number, address: number, value: number): WriteRequest {
  return code === 16
    ? { kind: 'write-registers', unit, address, words: [value] }
    : { kind: 'write-register', unit, address, value };
}

/** Requests are plain data: alike where all their fields are. */
function same(one: WriteRequest, other: WriteRequest): boolean {
  return JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
}

function sorted(request: WriteRequest): [string, unknown][] {
  return Object.entries(request).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function relaysOf({ id, relays }: Profile): Relays {
  if ('write' in relays) return relays;
  throw new Error(`profile ${id} has no relays`);
}

function inputsOf({ id, inputs }: Profile): Inputs {
  if ('read' in inputs) return inputs;
  throw new Error(`profile ${id} has no inputs`);
}
