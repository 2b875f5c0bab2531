import type { Site } from '@gatehouse/contracts';
import type { Profile } from './profile.ts';
import type { DeviceProblem } from './site-devices.ts';

/** Checks every input of a site against the board profiles; `device` is the input's id, the path is below the input. */
export function inputProblems(site: Site, profiles: ReadonlyMap<string, Profile>): DeviceProblem[] {
  return site.inputs.flatMap(({ id, profile: name, channel }, index) => {
    const profile = profiles.get(name);
    if (!profile) {
      const known = [...profiles.keys()].join(', ');
      return [
        { index, device: id, path: ['profile'], message: `profile "${name}" is unknown (known: ${known})` },
      ];
    }
    if (channel < profile.inputs.count) return [];
    return [{ index, device: id, path: ['channel'], message: `${profile.id} has no input ${channel}` }];
  });
}

/** Checks that a device's board can time its longest hold: a shorter pulse would let go of a lease before its end. */
export function holdProblems(site: Site, profiles: ReadonlyMap<string, Profile>): DeviceProblem[] {
  return site.devices.flatMap(({ id, profile: name, hold }, index) => {
    const profile = profiles.get(name);
    if (!hold || profile?.pulse.by !== 'board') return [];
    const longestS = Math.floor((profile.pulse.stepMs * profile.pulse.maxSteps) / 1000);
    if (hold.maxS <= longestS) return [];
    const message = `${hold.maxS} s is longer than ${profile.id} can hold (${longestS} s)`;
    return [{ index, device: id, path: ['hold', 'maxS'], message }];
  });
}
