import type { Site, SiteCheck } from '@gatehouse/contracts';
import type { Catalogue } from './profile.ts';
import { boardProblems, deviceProblems } from './site-devices.ts';
import { holdProblems, inputProblems } from './site-inputs.ts';
import { sensorProblems } from './site-sensors.ts';

/** All that the drivers refuse a site for, beyond what the site file's own schema says: what its boards and sensors cannot do. */
export function profileChecks({ boards, sensors }: Catalogue): SiteCheck<Site>[] {
  return [
    ...[deviceProblems, boardProblems, holdProblems, inputProblems].map(
      (check): SiteCheck<Site> =>
        (site) =>
          check(site, boards),
    ),
    (site) => sensorProblems(site, sensors),
  ];
}
