import { parseSite, readSiteText } from '@gatehouse/contracts';
import { readArgs, usageError, type Verb } from '../verb.ts';

export const config: Verb = {
  usage: 'config check FILE [--json]',
  summary: 'validates a site file; every problem with its path and line',
  async run(args, output) {
    const { values, words } = readArgs('config', args, {}, 2);
    const [action, file] = words;
    if (action !== 'check' || file === undefined)
      throw usageError('config: say "config check FILE".', 'config');
    const result = parseSite(readSiteText(file));
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
