import type { SiteFault } from '../site-file/fault.ts';
import type { Device } from './devices.ts';
import type { Site } from './site.ts';
import { plaintextFault } from './tls.ts';

/**
 * Settings with which a service starts all the same, but which will not do as their installer meant. They are
 * told when a site file is checked. Notes are for settings that may well be meant.
 */
export function fitnessFaults(site: Site): SiteFault[] {
  return [
    ...calendarNotes(site),
    ...(site.cameras.length === 0 ? [note(['cameras'], 'no-cameras')] : []),
    ...site.cameras.flatMap(({ username, password, zones }, c) => [
      ...halfLogin(['cameras', c], username, password),
      ...zones.flatMap(({ rules }, z) =>
        rules.length === 0 ? [note(['cameras', c, 'zones', z], 'no-rules')] : [],
      ),
    ]),
    ...site.devices.flatMap(closesBlindly),
    ...uplinkLogin(site),
  ];
}

function note(path: SiteFault['path'], code: SiteFault['code'], values: SiteFault['values'] = {}): SiteFault {
  return { path, code, values, doubtful: true };
}

function calendarNotes({ site: { timezone } }: Site): SiteFault[] {
  if (!/^[+-]/.test(timezone)) return [];
  const values = { found: timezone, expected: { is: 'named', name: 'time-zone' } } as const;
  return [note(['site', 'timezone'], 'time-zone-offset', values)];
}

/**
 * A plain broker is named here and does not end the start: doors must not stop for it, and sync says it as
 * well.
 */
function uplinkLogin({ uplink }: Site): SiteFault[] {
  if (!uplink) return [];
  const open = plaintextFault(uplink.url, uplink.plaintext);
  return [...(open ? [open] : []), ...halfLogin(['uplink'], uplink.username, uplink.password)];
}

/** A camera or broker that asks for a user asks for a password. */
function halfLogin(path: SiteFault['path'], username: unknown, password: unknown): SiteFault[] {
  if ((username === undefined) === (password === undefined)) return [];
  return username === undefined
    ? [{ path: [...path, 'password'], code: 'password-without-user' }]
    : [{ path: [...path, 'username'], code: 'user-without-password' }];
}

/** An arm is never sent down where nobody knows if something stands below it. */
function closesBlindly({ kind, outputs, inputs }: Device, d: number): SiteFault[] {
  if (kind === 'door' || outputs.close === undefined || inputs.loop !== undefined) return [];
  return [{ path: ['devices', d, 'outputs', 'close'], code: 'close-without-loop' }];
}
