import { type Site, type SiteFault, unknownName } from '@gatehouse/contracts';
import { unknownProfile } from './reference-faults.ts';
import type { SensorFile } from './sensor-file.ts';

/** Checks every sensor of a site against the sensor profiles. */
export function sensorProblems(site: Site, profiles: ReadonlyMap<string, SensorFile>): SiteFault[] {
  return site.sensors.flatMap(({ bus, unit, profile: name, limits }, index): SiteFault[] => {
    const at = ['sensors', index];
    const profile = profiles.get(name);
    if (!profile) return [unknownProfile([...at, 'profile'], name, profiles)];
    const shared = [...site.devices, ...site.inputs, ...site.sensors.slice(0, index)].find(
      (other) => other.bus === bus && other.unit === unit,
    );
    return [
      ...(shared
        ? [{ path: [...at, 'unit'], code: 'unit-taken' as const, values: { unit, bus, other: shared.id } }]
        : []),
      ...limits.flatMap((limit, i) => limitProblems([...at, 'limits', i], limit, profile)),
    ];
  });
}

type Limit = Site['sensors'][number]['limits'][number];

function limitProblems(
  path: SiteFault['path'],
  { value, above, below }: Limit,
  profile: SensorFile,
): SiteFault[] {
  const known = profile.values.find((one) => one.id === value);
  if (!known) return unknownName([...path, 'value'], value, `values of ${profile.id}`, profile.values);
  const { least, most } = known;
  return Object.entries({ above, below }).flatMap(([side, at]): SiteFault[] =>
    at === undefined || (at >= least && at <= most)
      ? []
      : [
          {
            path: [...path, side],
            code: 'sensor-limit-beyond',
            values: { value: at, profile: profile.id, least, most },
          },
        ],
  );
}
