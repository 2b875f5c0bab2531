import type { Device, Site } from '@gatehouse/contracts';
import { opensOnFire } from '../devices/safety.ts';
import type { Profile } from './profile.ts';
import { longestPulseMs } from './requests.ts';
import { type DeviceProblem, unknownProfile } from './site-devices.ts';

/** Checks every input of a site against the board profiles; `device` is the input's id, the path is below the input. */
export function inputProblems(site: Site, profiles: ReadonlyMap<string, Profile>): DeviceProblem[] {
  return site.inputs.flatMap(({ id, profile: name, channel }, index) => {
    const profile = profiles.get(name);
    if (!profile)
      return [{ index, device: id, path: ['profile'], message: unknownProfile('profile', name, profiles) }];
    if (channel < profile.inputs.count) return [];
    return [{ index, device: id, path: ['channel'], message: `${profile.id} has no input ${channel}` }];
  });
}

/**
 * Checks that a device's board can keep a relay on for as long as the site asks: a shorter pulse would let go
 * of a lease before its end, and a pulse whose length is fixed can hold nothing.
 */
export function holdProblems(site: Site, profiles: ReadonlyMap<string, Profile>): DeviceProblem[] {
  return site.devices.flatMap((device, index) => {
    const profile = profiles.get(device.profile);
    if (!profile) return [];
    const problem = (path: readonly string[], message: string) => [
      { index, device: device.id, path, message },
    ];
    return [...fixedPulseProblems(device, profile, problem), ...lengthProblems(device, profile, problem)];
  });
}

type Tell = (path: readonly string[], message: string) => DeviceProblem[];

function lengthProblems({ hold, pulseMs }: Device, profile: Profile, tell: Tell): DeviceProblem[] {
  const longestMs = longestPulseMs(profile);
  if (longestMs === undefined || profile.pulse.by === 'board-fixed') return [];
  const most = `${profile.id} can time at most ${longestMs / 1000} s`;
  return [
    ...(hold && hold.maxS * 1000 > longestMs
      ? tell(['hold', 'maxS'], `${hold.maxS} s is too long: ${most}`)
      : []),
    ...(pulseMs > longestMs ? tell(['pulseMs'], `${pulseMs} ms is too long: ${most}`) : []),
  ];
}

function fixedPulseProblems(device: Device, { id, pulse }: Profile, tell: Tell): DeviceProblem[] {
  if (pulse.by !== 'board-fixed') return [];
  const { ms } = pulse;
  const how = `${id} lets go by itself after ${ms} ms`;
  return [
    ...(device.pulseMs === ms ? [] : tell(['pulseMs'], `${how}: write pulseMs: ${ms}`)),
    ...(device.hold ? tell(['hold'], `${how}: it cannot hold anything open, so leave "hold" out`) : []),
    ...(device.kind === 'door' && opensOnFire(device)
      ? tell(
          ['onFire'],
          `${how}: it cannot hold a door open in a fire. Write onFire: none, or use another board`,
        )
      : []),
  ];
}
