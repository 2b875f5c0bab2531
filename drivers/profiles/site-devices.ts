import type { Site, SiteFault } from '@gatehouse/contracts';
import type { Profile } from './profile.ts';
import { beyond, unknownProfile } from './reference-faults.ts';

type Device = Site['devices'][number];

/**
 * Checks every device of a site against the profiles: the board is known, has the channels, and is wired as
 * named.
 */
export function deviceProblems(site: Site, profiles: ReadonlyMap<string, Profile>): SiteFault[] {
  return site.devices.flatMap((device, index) => {
    const at = ['devices', index];
    const profile = profiles.get(device.profile);
    if (!profile) return [unknownProfile([...at, 'profile'], device.profile, profiles)];
    return [
      ...beyond([...at, 'outputs'], device.outputs, profile, 'relays'),
      ...beyond([...at, 'inputs'], device.inputs, profile, 'inputs'),
      ...wiringProblems(device, profile).map((fault) => ({ ...fault, path: [...at, ...fault.path] })),
    ];
  });
}

/**
 * A machine's wiring is fixed by its profile: a site that names other channels would move the wrong relay.
 */
function wiringProblems(device: Device, { id: profile, wiring }: Profile): SiteFault[] {
  if (!wiring) return [];
  const kind: SiteFault[] =
    device.kind === wiring.device
      ? []
      : [{ path: ['kind'], code: 'wiring-kind', values: { profile, device: wiring.device } }];
  const control: SiteFault[] =
    device.control === wiring.control
      ? []
      : [{ path: ['control'], code: 'wiring-control', values: { profile, control: wiring.control } }];
  const channels = (['outputs', 'inputs'] as const).flatMap((group) => {
    const named: Readonly<Record<string, number | undefined>> = device[group];
    const wired: Readonly<Record<string, { channel: number } | undefined>> = wiring[group];
    return Object.keys({ ...named, ...wired }).flatMap((name): SiteFault[] => {
      const should = wired[name]?.channel;
      if (named[name] === should) return [];
      const path = [group, name];
      if (should === undefined) return [{ path, code: 'wiring-nothing', values: { profile } }];
      return [{ path, code: 'wiring-channel', values: { profile, should, found: named[name] ?? '-' } }];
    });
  });
  return [...kind, ...control, ...channels];
}

/**
 * Boards that are named with two profiles: one is wrong, and nobody knows which. By the wrong one a write
 * would move another relay, so everything on that board is told.
 */
export function boardProblems(
  { devices, inputs }: Site,
  profiles: ReadonlyMap<string, Profile>,
): SiteFault[] {
  const wired = [
    ...devices.map((one, i) => ({ ...one, path: ['devices', i, 'profile'] })),
    ...inputs.map((one, i) => ({ ...one, path: ['inputs', i, 'profile'] })),
  ];
  return wired.flatMap(({ bus, unit, profile: name, path }): SiteFault[] => {
    const board = profiles.get(name)?.boardId;
    if (board === undefined) return [];
    const other = wired.find(
      (one) =>
        one.bus === bus && one.unit === unit && (profiles.get(one.profile)?.boardId ?? board) !== board,
    );
    return other ? [{ path, code: 'two-profiles', values: { bus, unit, other: other.profile } }] : [];
  });
}
