import type { Device, Site, SiteFault } from '@gatehouse/contracts';
import { opensOnFire } from '../devices/safety.ts';
import type { Profile } from './profile.ts';
import { beyond, unknownProfile } from './reference-faults.ts';
import { longestPulseMs } from './requests.ts';

/** Checks every input of a site against the board profiles. */
export function inputProblems(site: Site, profiles: ReadonlyMap<string, Profile>): SiteFault[] {
  return site.inputs.flatMap(({ profile: name, channel }, index) => {
    const at = ['inputs', index];
    const profile = profiles.get(name);
    if (!profile) return [unknownProfile([...at, 'profile'], name, profiles)];
    return beyond(at, { channel }, profile, 'inputs');
  });
}

/**
 * Checks that a device's board can keep a relay on for as long as the site asks: a shorter pulse would let go
 * of a lease before its end, and a pulse whose length is fixed can hold nothing.
 */
export function holdProblems(site: Site, profiles: ReadonlyMap<string, Profile>): SiteFault[] {
  return site.devices.flatMap((device, index) => {
    const profile = profiles.get(device.profile);
    if (!profile) return [];
    const faults = [...fixedPulseFaults(device, profile), ...lengthFaults(device, profile)];
    return faults.map((fault) => ({ ...fault, path: ['devices', index, ...fault.path] }));
  });
}

function lengthFaults({ hold, pulseMs }: Device, profile: Profile): SiteFault[] {
  const longestMs = longestPulseMs(profile);
  if (longestMs === undefined || profile.pulse.by === 'board-fixed') return [];
  const { id } = profile;
  const tooLong = hold !== undefined && hold.maxS * 1000 > longestMs;
  const values = { seconds: hold?.maxS, profile: id, longest: longestMs / 1000 };
  const pulse = { ms: pulseMs, profile: id, longest: longestMs };
  return [
    ...(tooLong ? [{ path: ['hold', 'maxS'], code: 'hold-too-long', values } as const] : []),
    ...(pulseMs > longestMs ? [{ path: ['pulseMs'], code: 'pulse-too-long', values: pulse } as const] : []),
  ];
}

function fixedPulseFaults(device: Device, { id, pulse }: Profile): SiteFault[] {
  if (pulse.by !== 'board-fixed') return [];
  const values = { profile: id, ms: pulse.ms };
  const opens = device.kind === 'door' && opensOnFire(device);
  return [
    ...(device.pulseMs === pulse.ms ? [] : [{ path: ['pulseMs'], code: 'fixed-pulse', values } as const]),
    ...(device.hold ? [{ path: ['hold'], code: 'fixed-pulse-hold', values } as const] : []),
    ...(opens ? [{ path: ['onFire'], code: 'fixed-pulse-fire', values } as const] : []),
  ];
}
