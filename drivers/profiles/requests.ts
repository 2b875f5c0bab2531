import type { BusRequest } from '../bus/request.ts';
import type { Profile } from './profile.ts';

const on = 0xff00;
const off = 0x0000;

// The requests that a profile makes of what the box wants. Writes go to single channels: no toggle, no all-coils, no broadcast.

/** Reads all relays of a board at once (Modbus function 01). */
export function readRelays(profile: Profile, unit: number): BusRequest {
  return { kind: 'read-coils', unit, address: profile.relays.firstCoil, count: profile.relays.count };
}

/** Reads all inputs of a board at once (Modbus function 02). */
export function readInputs(profile: Profile, unit: number): BusRequest {
  return { kind: 'read-inputs', unit, address: profile.inputs.firstInput, count: profile.inputs.count };
}

/** Closes a relay for a time: by the board's own pulse (rounded up to its step), else on, and the box must release it. */
export function pulseRelay(profile: Profile, unit: number, channel: number, pulseMs: number): BusRequest {
  if (profile.pulse.by === 'box')
    return { kind: 'write-coil', unit, address: profile.relays.firstCoil + channel, value: on };
  const { firstCoil, stepMs, maxSteps } = profile.pulse;
  const value = Math.min(maxSteps, Math.max(1, Math.ceil(pulseMs / stepMs)));
  return { kind: 'write-coil', unit, address: firstCoil + channel, value };
}

/** Opens a relay (Modbus function 05, value 0000): ends a pulse that the box times. */
export function releaseRelay(profile: Profile, unit: number, channel: number): BusRequest {
  return { kind: 'write-coil', unit, address: profile.relays.firstCoil + channel, value: off };
}
