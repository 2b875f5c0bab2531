import { AuditHeadText, type AuditVerification, runtimeForCli } from '@gatehouse/contracts';
import { verifyJournalFile } from '@gatehouse/drivers/journal';
import { errorOf } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { readArgs, type Verb } from '../verb.ts';
import { auditLine, warningOf } from './audit-lines.ts';

/** Long enough for 100 000 entries on a busy box. */
const timeoutMs = 60_000;

export const audit: Verb = {
  usage: 'audit verify [--file drivers.db] [--head NUMBER:HASH] [--json]',
  summary: {
    zh: '把门控操作记录的每一条与前一条核对，把保存的每条命令与操作记录核对，再与平台持有的最新一条核对（--head：您从平台得到的一条）。--file：副本，或已停止主机的文件，不需要任何服务。有内容被改动时，退出码为 1',
    en: 'holds every entry of the door audit against the one before it, every stored command against the audit, and the chain against the newest head that the platform has (--head: one that you have from it). --file: a copy, or the file of a stopped box; no service is needed. Exit status 1 if something was changed',
  },
  async run(args, output) {
    const { values, words } = readArgs('audit', args, { file: 'string', head: 'string' }, 1);
    if (words[0] !== 'verify') throw errorOf('USAGE/say', { verb: 'audit', words: '"audit verify"' });
    const head = readHead(values.head);
    const found =
      values.file === undefined ? await ofTheBox(values.head) : await verifyJournalFile(values.file, head);
    const { language } = output;
    const warning = warningOf(found, head.length > 0, values.json ? 'en' : language);
    if (values.json) output.line(JSON.stringify({ ...found, ...(warning ? { warning } : {}) }));
    else {
      output.line(auditLine(found, language));
      if (warning) output.note(`audit: ${warning}`);
    }
    return found.intact ? 0 : 1;
  },
};

function readHead(text: string | undefined) {
  if (text === undefined) return [];
  const head = AuditHeadText.safeParse(text);
  if (!head.success) throw errorOf('USAGE/head', {}, { cause: head.error });
  return [{ ...head.data, by: 'given' as const }];
}

function ofTheBox(given: string | undefined): Promise<AuditVerification> {
  const query = given ? { given } : {};
  return apiClient(runtimeForCli).call('verifyAudit', { query, timeoutMs });
}
