import type { Site, SiteFault } from '@gatehouse/contracts';
import type { Profile } from './profile.ts';
import { beyond, unknownProfile } from './site-devices.ts';

/** Checks every input of a site against the board profiles. */
export function inputProblems(site: Site, profiles: ReadonlyMap<string, Profile>): SiteFault[] {
  return site.inputs.flatMap(({ profile: name, channel }, index) => {
    const at = ['inputs', index];
    const profile = profiles.get(name);
    if (!profile) return [unknownProfile([...at, 'profile'], name, [...profiles.keys()])];
    return beyond(at, { channel }, profile, 'inputs');
  });
}

/** Checks that a device's board can time its longest hold: a shorter pulse would let go of a lease before its end. */
export function holdProblems(site: Site, profiles: ReadonlyMap<string, Profile>): SiteFault[] {
  return site.devices.flatMap(({ profile: name, hold }, index): SiteFault[] => {
    const profile = profiles.get(name);
    if (!hold || profile?.pulse.by !== 'board') return [];
    const longest = Math.floor((profile.pulse.stepMs * profile.pulse.maxSteps) / 1000);
    if (hold.maxS <= longest) return [];
    const values = { seconds: hold.maxS, profile: profile.id, longest };
    return [{ path: ['devices', index, 'hold', 'maxS'], code: 'hold-too-long', values }];
  });
}
