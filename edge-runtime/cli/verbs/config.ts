import { parseSite, plaintextFault, readSiteText, type Site, type SiteFault } from '@gatehouse/contracts';
import {
  type Catalogue,
  type DeviceProblem,
  deviceProblems,
  holdProblems,
  inputProblems,
  readCatalogue,
  sensorProblems,
  siteProfiles,
  unitProblems,
} from '@gatehouse/drivers/profiles';
import { readArgs, usageError, type Verb } from '../verb.ts';

export const config: Verb = {
  usage: 'config check FILE [--json]',
  summary: 'validates a site file and the profiles beside it; every problem with its path and line',
  async run(args, output) {
    const { values, words } = readArgs('config', args, {}, 2);
    const [action, file] = words;
    if (action !== 'check' || file === undefined)
      throw usageError('config: say "config check FILE".', 'config');
    const catalogue = readCatalogue(undefined, siteProfiles(file));
    const result = parseSite(readSiteText(file), (site) => serviceProblems(site, catalogue));
    const problems = [
      ...(result.ok ? [] : result.problems.map((problem) => ({ file, ...problem }))),
      ...profileProblems(catalogue),
    ];
    const ok = problems.length === 0;
    if (values.json) output.line(JSON.stringify({ file, ok, problems }));
    else if (ok && result.ok) {
      const { cameras, devices, buses } = result.site;
      output.line(
        `${file}: ok (${cameras.length} cameras, ${buses.length} buses, ${devices.length} devices)`,
      );
    } else
      for (const { file: where, line, path, message } of problems)
        output.line(`${where}:${line}: ${path}: ${message}`);
    return ok ? 0 : 1;
  },
};

/** What the services would refuse to work with although the file is valid. */
function serviceProblems(site: Site, catalogue: Catalogue): SiteFault[] {
  const open = site.uplink && plaintextFault(site.uplink.url, site.uplink.plaintext);
  const uplink = open ? [{ path: ['uplink', 'url'], message: `${open.message}; ${open.remedy}` }] : [];
  return [...uplink, ...boardProblems(site, catalogue)];
}

/** What would be out of service: unknown or damaged profiles, channels and values that their boards lack. */
function boardProblems(site: Site, { boards, sensors, broken }: Catalogue) {
  const placed = (list: 'devices' | 'inputs' | 'sensors', problems: readonly DeviceProblem[]) =>
    problems.map(({ index, path, message }) => {
      const profile = site[list][index]?.profile ?? '';
      const damaged = broken.has(profile) ? `profile "${profile}" cannot be used: see below` : undefined;
      return { path: [list, index, ...path], message: damaged ?? message };
    });
  return [
    ...placed('devices', unitProblems(site, boards, 'devices')),
    ...placed('inputs', unitProblems(site, boards, 'inputs')),
    ...placed('devices', deviceProblems(site, boards)),
    ...placed('devices', holdProblems(site, boards)),
    ...placed('inputs', inputProblems(site, boards)),
    ...placed('sensors', sensorProblems(site, sensors)),
  ];
}

/** Every mistake in a profile, also in one that nothing uses yet. */
function profileProblems({ broken }: Catalogue) {
  return [...broken.values()].flatMap(({ file, problems }) =>
    problems.map((problem) => ({ file, ...problem })),
  );
}
