import type { SiteFault } from '@gatehouse/contracts';
import { byNearness, nearest } from '@gatehouse/kit';

/**
 * Profiles of a site have this in front of their ids and those of the software do not, so that no upgrade can
 * mean another board by the name of one of a site, nor a site by the name of one of the software.
 */
export const sitePrefix = 'site-';

/** A profile that is not there: all that are, the likely one first. */
export function unknownProfile(
  path: SiteFault['path'],
  name: string,
  profiles: ReadonlyMap<string, unknown>,
): SiteFault {
  const known = byNearness(name, [...profiles.keys()]);
  const meant = nearest(name, known);
  if (meant === undefined && name.startsWith(sitePrefix))
    return { path, code: 'profile-not-there', values: { name, known } };
  const code = meant === undefined ? 'profile-unknown' : 'profile-unknown-meant';
  return { path, code, values: { name, known, meant } };
}

/** How many channels a board has. */
interface Channels {
  readonly id: string;
  readonly relays: { readonly count: number };
  readonly inputs: { readonly count: number };
}

/** Channels that a board does not have; installers count from 1, boards and site files from 0. */
export function beyond(
  path: SiteFault['path'],
  channels: Readonly<Record<string, number | undefined>>,
  { id: profile, relays, inputs }: Channels,
  what: 'relays' | 'inputs',
): SiteFault[] {
  const count = what === 'relays' ? relays.count : inputs.count;
  return Object.entries(channels).flatMap(([name, channel]): SiteFault[] => {
    if (channel === undefined || channel < count) return [];
    const at = [...path, name];
    if (count === 0) return [{ path: at, code: `no-${what}`, values: { profile } }];
    return [{ path: at, code: `${what}-beyond`, values: { profile, channel, last: count - 1 } }];
  });
}
