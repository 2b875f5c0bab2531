import type { BusRequest } from '../bus/request.ts';
import type { Profile } from './profile.ts';

const on = 0xff00;
const off = 0x0000;

/** The requests that a profile makes of what the box wants. Single channels only: no toggle, no all-coils, no broadcast. */
export function readRelays(profile: Profile, unit: number): BusRequest {
  return { kind: 'read-coils', unit, address: profile.relays.firstCoil, count: profile.relays.count };
}

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

export function releaseRelay(profile: Profile, unit: number, channel: number): BusRequest {
  return { kind: 'write-coil', unit, address: profile.relays.firstCoil + channel, value: off };
}
