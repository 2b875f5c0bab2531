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
import { profileChecks, readCatalogue, siteProfiles } from '@gatehouse/drivers/profiles';
import { errorOf } from '@gatehouse/kit';
import { modelChecks } from '@gatehouse/models/site-checks';
import { uplinkChecks } from '@gatehouse/sync-agent/site-checks';
import { consolePortFaults } from '../../runtime/console/console-listeners.ts';
import { readArgs, type Verb } from '../verb.ts';

export const config: Verb = {
  usage: 'config check FILE [--json] [--lang en|zh]',
  summary: {
    zh: '检查站点文件和它旁边的设备档案：逐条列出启动时会发现的错误，带行号、应有的写法和处理办法',
    en: 'validates a site file and the profiles beside it: every mistake that a start would find, with its line, the expected form and the remedy',
  },
  async run(args, output) {
    const { values, words } = readArgs('config', args, {}, 2);
    const [action, file] = words;
    if (action !== 'check' || file === undefined)
      throw errorOf('USAGE/say', { verb: 'config', words: '"config check FILE"' });
    const { language } = output;
    const catalogue = readCatalogue(undefined, siteProfiles(file));
    const result = parseSite(readSiteBytes(file), { checks: siteChecks(file, catalogue), language });
    const problems = [
      ...(result.ok ? result.notes : result.problems).map((problem) => ({ file, ...problem })),
      ...[...catalogue.broken.values()].flatMap((error) => error.problems(language)),
    ];
    const ok = result.ok && catalogue.broken.size === 0;
    if (values.json) output.line(JSON.stringify({ file, ok, problems }));
    else for (const problem of problems) output.line(problemLine(problem.file, problem, language));
    if (ok && !values.json) output.line(siteOk(file, result.site, language));
    return ok ? 0 : 1;
  },
};

/**
 * Every mistake that a service refuses at its start, and every one that it would start without. Each service
 * starts with its own part of this list.
 */
export function siteChecks(
  file: string,
  catalogue = readCatalogue(undefined, siteProfiles(file)),
  env = process.env,
): SiteCheck<Site>[] {
  return [
    ...profileChecks(catalogue),
    ...uplinkChecks(file, env),
    () => consolePortFaults(env),
    cameraSecrets(file, env),
    (site) => modelChecks(site),
    fitnessFaults,
  ];
}
