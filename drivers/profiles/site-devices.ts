import type { Site } from '@gatehouse/contracts';
import { type Profile, sitePrefix } from './profile.ts';

/** What the profiles say against a device of a site file. */
export interface DeviceProblem {
  /** Index in the site's list of them. */
  readonly index: number;
  readonly device: string;
  /** Below the device: `profile`, or `outputs` or `inputs` and a name. */
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Checks every device of a site against the profiles: the board is known, has the channels, and is wired as named. */
export function deviceProblems(site: Site, profiles: ReadonlyMap<string, Profile>): DeviceProblem[] {
  return site.devices.flatMap((device, index) => {
    const problem = (path: readonly string[], message: string) => ({
      index,
      device: device.id,
      path,
      message,
    });
    const profile = profiles.get(device.profile);
    if (!profile) return [problem(['profile'], unknownProfile('profile', device.profile, profiles))];
    const { id, relays, inputs } = profile;
    return [
      ...beyond(device.outputs, relays.count).map(([name, channel]) =>
        problem(['outputs', name], `${id} has no relay ${channel}`),
      ),
      ...beyond(device.inputs, inputs.count).map(([name, channel]) =>
        problem(['inputs', name], `${id} has no input ${channel}`),
      ),
      ...wiringProblems(device, profile).map(({ path, message }) => problem(path, message)),
    ];
  });
}

/**
 * Two profiles for one board: one is wrong, and nobody knows which. By the wrong one, a write would move another relay, so
 * all of that board is told.
 */
export function unitProblems(
  site: Site,
  profiles: ReadonlyMap<string, Profile>,
  list: 'devices' | 'inputs',
): DeviceProblem[] {
  const wired = [...site.devices, ...site.inputs];
  const boardOf = (profile: string) => profiles.get(profile)?.boardId;
  return site[list].flatMap(({ id, bus, unit, profile }, index) => {
    const board = boardOf(profile);
    if (board === undefined) return [];
    const other = wired.find(
      (one) => one.bus === bus && one.unit === unit && (boardOf(one.profile) ?? board) !== board,
    );
    if (!other) return [];
    const message = `unit ${unit} of bus ${bus} has profile "${other.profile}" for ${other.id}`;
    return [{ index, device: id, path: ['profile'], message }];
  });
}

/** What is said of a profile that there is not. */
export function unknownProfile(what: string, id: string, known: ReadonlyMap<string, unknown>): string {
  const where = id.startsWith(sitePrefix)
    ? `; it would be ${id}.json in the folder "profiles" beside the site file`
    : '';
  return `${what} "${id}" is unknown (known: ${[...known.keys()].join(', ')}${where})`;
}

/** A machine's wiring is fixed by its profile: a site that names other channels would move the wrong relay. */
function wiringProblems(
  device: Site['devices'][number],
  { id, wiring }: Profile,
): { path: readonly string[]; message: string }[] {
  if (!wiring) return [];
  const kind =
    device.kind === wiring.device
      ? []
      : [{ path: ['kind'], message: `${id} is the wiring of a ${wiring.device}` }];
  const control =
    device.control === wiring.control
      ? []
      : [{ path: ['control'], message: `${id} is wired so: write control: ${wiring.control}` }];
  const channels = (['outputs', 'inputs'] as const).flatMap((group) => {
    const named: Readonly<Record<string, number | undefined>> = device[group];
    const wired: Readonly<Record<string, { channel: number } | undefined>> = wiring[group];
    return Object.keys({ ...named, ...wired }).flatMap((name) => {
      const should = wired[name]?.channel;
      if (named[name] === should) return [];
      const what = should === undefined ? 'nothing' : `channel ${should}`;
      return [{ path: [group, name], message: `${id} wires it to ${what}, not ${named[name] ?? 'nothing'}` }];
    });
  });
  return [...kind, ...control, ...channels];
}

function beyond(channels: Readonly<Record<string, number | undefined>>, count: number) {
  return Object.entries(channels).filter(([, channel]) => channel !== undefined && channel >= count);
}
