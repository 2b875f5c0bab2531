import type { Site } from '@gatehouse/contracts';
import type { SensorFile } from './sensor-file.ts';
import { type DeviceProblem, unknownProfile } from './site-devices.ts';

/** Checks every sensor of a site against the sensor profiles; `device` is the sensor's id, the path is below the sensor. */
export function sensorProblems(site: Site, profiles: ReadonlyMap<string, SensorFile>): DeviceProblem[] {
  return site.sensors.flatMap(({ id, bus, unit, profile: name, limits }, index) => {
    const problem = (path: readonly PropertyKey[], message: string) => ({ index, device: id, path, message });
    const profile = profiles.get(name);
    if (!profile) return [problem(['profile'], unknownProfile('sensor profile', name, profiles))];
    const shared = [...site.devices, ...site.inputs, ...site.sensors.slice(0, index)].find(
      (other) => other.bus === bus && other.unit === unit,
    );
    return [
      ...(shared ? [problem(['unit'], `unit ${unit} of bus ${bus} is already ${shared.id}`)] : []),
      ...limits.flatMap(({ value, above, below }, i) => {
        const path = ['limits', i];
        const known = profile.values.find((one) => one.id === value);
        if (!known) {
          const all = profile.values.map((one) => one.id).join(', ');
          return [problem([...path, 'value'], `${profile.id} has no value "${value}" (it has: ${all})`)];
        }
        return Object.entries({ above, below }).flatMap(([side, at]) =>
          at === undefined || (at >= known.least && at <= known.most)
            ? []
            : [
                problem(
                  [...path, side],
                  `${at} is beyond what ${profile.id} measures (${known.least} to ${known.most})`,
                ),
              ],
        );
      }),
    ];
  });
}
