import type { Site, SiteCheck, SiteFault } from '@gatehouse/contracts';
import type { Catalogue } from './profile.ts';
import { boardProblems, deviceProblems } from './site-devices.ts';
import { holdProblems, inputProblems } from './site-inputs.ts';
import { sensorProblems } from './site-sensors.ts';

/**
 * All that the drivers refuse a site for, beyond what the site file's own schema says: what its boards and
 * sensors cannot do.
 */
export function profileChecks({ boards, sensors, broken }: Catalogue): SiteCheck<Site>[] {
  const checks: SiteCheck<Site>[] = [
    ...[deviceProblems, boardProblems, holdProblems, inputProblems].map(
      (check): SiteCheck<Site> =>
        (site) =>
          check(site, boards),
    ),
    (site) => sensorProblems(site, sensors),
  ];
  return checks.map((check) => (site) => check(site).map((fault) => ofBroken(fault, broken)));
}

const unknown: readonly SiteFault['code'][] = [
  'profile-unknown',
  'profile-unknown-meant',
  'profile-not-there',
];

/** A profile that is there and has a mistake is not one that is not there. */
function ofBroken(fault: SiteFault, broken: Catalogue['broken']): SiteFault {
  const name = String(fault.values?.name);
  const error = unknown.includes(fault.code) ? broken.get(name) : undefined;
  if (!error) return fault;
  const { file, faults } = error;
  const [first] = faults;
  const values = { name, file, line: first?.line ?? 1, why: first?.fault };
  return { path: fault.path, code: 'profile-broken', values };
}
