import { AuditHeadText, type AuditVerification, runtimeForCli } from '@gatehouse/contracts';
import { verifyJournalFile } from '@gatehouse/drivers/journal';
import { errorOf } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { readArgs, type Verb } from '../verb.ts';

/** Long enough for 100 000 entries on a busy box. */
const timeoutMs = 60_000;

export const audit: Verb = {
  usage: 'audit verify [--file drivers.db] [--head NUMBER:HASH] [--json]',
  summary:
    'holds every entry of the door audit against the one before it, every stored command against the audit, and the chain against the newest head that the platform has (--head: one that you have from it). --file: a copy, or the file of a stopped box; no service is needed. Exit status 1 if something was changed',
  async run(args, output) {
    const { values, words } = readArgs('audit', args, { file: 'string', head: 'string' }, 1);
    if (words[0] !== 'verify') throw errorOf('USAGE/say', { verb: 'audit', words: '"audit verify"' });
    const head = readHead(values.head);
    const found =
      values.file === undefined ? await ofTheBox(values.head) : await verifyJournalFile(values.file, head);
    const warning = warningOf(found, head.length > 0);
    if (values.json) output.line(JSON.stringify({ ...found, ...(warning ? { warning } : {}) }));
    else {
      output.line(found.intact ? intactText(found) : brokenText(found));
      if (warning) output.note(`audit: ${warning}`);
    }
    return found.intact ? 0 : 1;
  },
};

function readHead(text: string | undefined) {
  if (text === undefined) return [];
  const head = AuditHeadText.safeParse(text);
  if (!head.success)
    throw errorOf('USAGE', { problem: `audit: --head ${head.error.issues[0]?.message}`, verb: 'audit' });
  return [{ ...head.data, by: 'given' as const }];
}

function ofTheBox(given: string | undefined): Promise<AuditVerification> {
  const query = given ? { given } : {};
  return apiClient(runtimeForCli).call('verifyAudit', { query, timeoutMs });
}

type Intact = Extract<AuditVerification, { intact: true }>;
type Broken = Extract<AuditVerification, { intact: false }>;

/** The limits of an intact chain: it does not prove everything. */
function warningOf(found: AuditVerification, wasGiven: boolean): string | undefined {
  if (!found.intact) return undefined;
  if (found.entries === 0)
    return 'there is no entry at all. A box writes one with every command: unless this one has never been in use, its log was deleted.';
  if (found.acknowledged === undefined && !wasGiven)
    return 'no head is known that the platform has: a whole new chain would not show. Give one with --head (query.ts heads at the receiver).';
  if (found.commands.uncovered > 0)
    return `${found.commands.uncovered} stored commands are older than what the log still holds: nothing says how they were.`;
  return undefined;
}

function intactText({ entries, head, commands, acknowledged }: Intact): string {
  const proven = acknowledged === undefined ? '' : `, as the platform has it up to entry ${acknowledged}`;
  return `intact: ${entries} entries, head ${head}, ${commands.rows} commands${proven}`;
}

function brokenText({ entries, why, brokenAt, commandId, is, head }: Broken): string {
  if (why === 'command')
    return `broken: command ${commandId} was ${is === 'missing' ? 'deleted' : is} in the command journal`;
  if (why === 'head' && head) {
    const who = head.by === 'given' ? 'you gave' : 'the platform has';
    return `broken: entry ${head.sequence} is not the one that ${who} (${head.hash}): the log was cut off or computed anew`;
  }
  return `broken at entry ${brokenAt}: it does not follow from the ${entries} before it`;
}
