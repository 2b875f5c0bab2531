import { AuditVerification } from '@gatehouse/contracts';
import { LocalClient, socketPath } from '@gatehouse/kit';
import { readArgs, usageError, type Verb } from '../verb.ts';

/** Long enough for 100 000 entries on a busy box. */
const timeoutMs = 60_000;

export const audit: Verb = {
  usage: 'audit verify [--json]',
  summary: 'holds every entry of the door audit against the one before it; exit status 1 if one was changed',
  async run(args, output) {
    const { values, words } = readArgs('audit', args, {}, 1);
    if (words[0] !== 'verify') throw usageError('audit: say "audit verify".', 'audit');
    const runtime = new LocalClient('runtime', socketPath('runtime', 'cli'));
    const found = AuditVerification.parse(await runtime.call('GET', '/audit/verification', { timeoutMs }));
    if (values.json) output.line(JSON.stringify(found));
    else if (found.intact) output.line(`intact: ${found.entries} entries, head ${found.head}`);
    else
      output.line(
        `broken at entry ${found.brokenAt}: it does not follow from the ${found.entries} before it`,
      );
    return found.intact ? 0 : 1;
  },
};
