import { parseSite, readSiteText, type Site } from '@gatehouse/contracts';
import {
  type DeviceProblem,
  deviceProblems,
  holdProblems,
  inputProblems,
  readCatalogue,
  sensorProblems,
} from '@gatehouse/drivers/profiles';
import { readArgs, usageError, type Verb } from '../verb.ts';

export const config: Verb = {
  usage: 'config check FILE [--json]',
  summary: 'validates a site file; every problem with its path and line',
  async run(args, output) {
    const { values, words } = readArgs('config', args, {}, 2);
    const [action, file] = words;
    if (action !== 'check' || file === undefined)
      throw usageError('config: say "config check FILE".', 'config');
    const result = parseSite(readSiteText(file), boardProblems);
    const problems = result.ok ? [] : result.problems;
    if (values.json) output.line(JSON.stringify({ file, ok: result.ok, problems }));
    else if (result.ok) {
      const { cameras, devices, buses } = result.site;
      output.line(
        `${file}: ok (${cameras.length} cameras, ${buses.length} buses, ${devices.length} devices)`,
      );
    } else
      for (const { line, path, message } of problems) output.line(`${file}:${line}: ${path}: ${message}`);
    return result.ok ? 0 : 1;
  },
};

/** What would be out of service: unknown or damaged profiles, channels and values that their boards lack. */
function boardProblems(site: Site) {
  const { boards, sensors, broken } = readCatalogue();
  const placed = (list: 'devices' | 'inputs' | 'sensors', problems: readonly DeviceProblem[]) =>
    problems.map(({ index, path, message }) => {
      const damaged = broken.get(site[list][index]?.profile ?? '');
      return { path: [list, index, ...path], message: damaged?.message ?? message };
    });
  return [
    ...placed('devices', deviceProblems(site, boards)),
    ...placed('devices', holdProblems(site, boards)),
    ...placed('inputs', inputProblems(site, boards)),
    ...placed('sensors', sensorProblems(site, sensors)),
  ];
}
