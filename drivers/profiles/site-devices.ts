import type { Site } from '@gatehouse/contracts';
import type { Profile } from './profile.ts';

/** What the profiles say against a device of a site file. */
export interface DeviceProblem {
  /** Index in the site's `devices`. */
  readonly index: number;
  readonly device: string;
  /** Below the device: `profile`, or `outputs` or `inputs` and a name. */
  readonly path: readonly string[];
  readonly message: string;
}

/** Checks every device of a site against the relay-board profiles: the board is known and has the channels. */
export function deviceProblems(site: Site, profiles: ReadonlyMap<string, Profile>): DeviceProblem[] {
  return site.devices.flatMap((device, index) => {
    const problem = (path: readonly string[], message: string) => ({
      index,
      device: device.id,
      path,
      message,
    });
    const profile = profiles.get(device.profile);
    if (!profile) {
      const known = [...profiles.keys()].join(', ');
      return [problem(['profile'], `profile "${device.profile}" is unknown (known: ${known})`)];
    }
    const { id, relays, inputs } = profile;
    return [
      ...beyond(device.outputs, relays.count).map(([name, channel]) =>
        problem(['outputs', name], `${id} has no relay ${channel}`),
      ),
      ...beyond(device.inputs, inputs.count).map(([name, channel]) =>
        problem(['inputs', name], `${id} has no input ${channel}`),
      ),
    ];
  });
}

function beyond(channels: Readonly<Record<string, number | undefined>>, count: number) {
  return Object.entries(channels).filter(([, channel]) => channel !== undefined && channel >= count);
}
