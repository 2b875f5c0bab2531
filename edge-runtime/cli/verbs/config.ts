import {
  cameraSecrets,
  fitnessFaults,
  parseSite,
  problemLine,
  readSiteBytes,
  type Site,
  type SiteCheck,
  siteOk,
} from '@gatehouse/contracts';
import { loadCatalogue, profileChecks } from '@gatehouse/drivers/profiles';
import { modelChecks } from '@gatehouse/models/site-checks';
import { uplinkChecks } from '@gatehouse/sync-agent/site-checks';
import { consolePortFaults } from '../../runtime/console-port.ts';
import { readArgs, usageError, type Verb } from '../verb.ts';

export const config: Verb = {
  usage: 'config check FILE [--json] [--lang en|zh]',
  summary:
    'validates a site file: every mistake that a start would find, with its line, the expected form and the remedy',
  async run(args, output) {
    const { values, words } = readArgs('config', args, {}, 2);
    const [action, file] = words;
    if (action !== 'check' || file === undefined)
      throw usageError('config: say "config check FILE".', 'config');
    const result = parseSite(readSiteBytes(file), { checks: siteChecks(file), language: output.language });
    const problems = result.ok ? result.notes : result.problems;
    if (values.json) output.line(JSON.stringify({ file, ok: result.ok, problems }));
    else for (const problem of problems) output.line(problemLine(file, problem, output.language));
    if (result.ok && !values.json) output.line(siteOk(file, result.site, output.language));
    return result.ok ? 0 : 1;
  },
};

/** Everything that a service refuses at its start (each starts with its own part of this list), and what it would start without. */
export function siteChecks(file: string, env = process.env): SiteCheck<Site>[] {
  return [
    ...profileChecks(loadCatalogue()),
    ...uplinkChecks(file, env),
    () => consolePortFaults(env),
    cameraSecrets(file, env),
    (site) => modelChecks(site),
    fitnessFaults,
  ];
}
