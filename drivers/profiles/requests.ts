import { GatehouseError } from '@gatehouse/kit';
import { type BusRequest, describeRequest, type Exchange } from '../bus/request.ts';
import type { Profile } from './profile.ts';

const coilOn = 0xff00;
const off = 0x0000;

// The requests that a profile makes of what the box wants. Writes go to single channels: no toggle, no all-coils, no broadcast.

/** Reads all relays of a board at once (Modbus function 01, or 03 on boards of registers). */
export function readRelays(profile: Profile, unit: number): BusRequest {
  const { relays } = profile;
  if (relays.by === 'registers')
    return { kind: 'read-holding', unit, address: relays.firstRegister, count: relays.count };
  return { kind: 'read-coils', unit, address: firstCoil(profile), count: relays.count };
}

/** What `readRelays` was answered, as one bit a relay; true is on. */
export function relayBits(profile: Profile, { bits, registers }: Exchange): readonly boolean[] {
  const { relays } = profile;
  return relays.by === 'registers' ? registers.map((register) => register === relays.readsOn) : bits;
}

/** Reads all inputs of a board at once (Modbus function 02). */
export function readInputs(profile: Profile, unit: number): BusRequest {
  return { kind: 'read-inputs', unit, address: profile.inputs.firstInput, count: profile.inputs.count };
}

/** Closes a relay for a time: by the board's own pulse (rounded up to its step), else on, and the box must release it. */
export function pulseRelay(profile: Profile, unit: number, channel: number, pulseMs: number): BusRequest {
  const { pulse } = profile;
  if (pulse.by === 'box') return switchRelay(profile, unit, channel, true);
  const steps = Math.min(pulse.maxSteps, Math.max(1, Math.ceil(pulseMs / pulse.stepMs)));
  if (pulse.by === 'board')
    return { kind: 'write-coil', unit, address: pulse.firstCoil + channel, value: steps };
  return { ...switchRelay(profile, unit, channel, true), value: pulse.base + steps };
}

/** Opens a relay: ends a pulse that the box times, or a hold. */
export function releaseRelay(profile: Profile, unit: number, channel: number): BusRequest {
  return switchRelay(profile, unit, channel, false);
}

/**
 * Throws unless the write is one that the profile makes of a single relay: on, off or its pulse. Toggles, writes to all
 * relays and broadcasts (unit 0) so never reach a wire, whatever asked for them.
 */
export function checkWrite(profile: Profile, request: BusRequest): void {
  if (!('value' in request)) return;
  const { unit } = request;
  const longestMs = Number.MAX_SAFE_INTEGER;
  const allowed = Array.from({ length: profile.relays.count }, (_, channel) => channel).some((channel) => {
    const pulse = pulseRelay(profile, unit, channel, longestMs);
    const steps = profile.pulse.by === 'box' ? 0 : profile.pulse.maxSteps - 1;
    return (
      same(request, switchRelay(profile, unit, channel, true)) ||
      same(request, releaseRelay(profile, unit, channel)) ||
      same(request, pulse, steps)
    );
  });
  if (allowed && unit >= 1) return;
  throw new GatehouseError(
    'WRITE_FORBIDDEN',
    'bug',
    `profile ${profile.id} has no such write: ${describeRequest(request)}.`,
    'Nothing was sent. Report this with the log.',
  );
}

/** Same function, unit and address, and a value up to `below` lower. */
function same(request: BusRequest & { value: number }, allowed: BusRequest, below = 0): boolean {
  if (!('value' in allowed) || request.kind !== allowed.kind || request.address !== allowed.address)
    return false;
  return request.value <= allowed.value && request.value >= allowed.value - below;
}

function switchRelay(profile: Profile, unit: number, channel: number, on: boolean) {
  const { relays } = profile;
  if (relays.by === 'registers') {
    const address = relays.firstRegister + channel;
    return { kind: 'write-register', unit, address, value: on ? relays.on : relays.off } as const;
  }
  const address = firstCoil(profile) + channel;
  return { kind: 'write-coil', unit, address, value: on ? coilOn : off } as const;
}

function firstCoil({ id, relays }: Profile): number {
  if (relays.by === 'coils') return relays.firstCoil;
  throw new Error(`profile ${id} has no coils`);
}
