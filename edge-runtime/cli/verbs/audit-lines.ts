import type { AuditVerification, Language } from '@gatehouse/contracts';
import { texts } from '../texts.ts';

const said = texts({
  intact: {
    zh: '完好：{entries} 条操作记录，最新一条的哈希值 {head}，{rows} 条命令',
    en: 'intact: {entries} entries, head {head}, {rows} commands',
  },
  proven: {
    zh: '{intact}，直到第 {entry} 条与平台持有的一致',
    en: '{intact}, as the platform has it up to entry {entry}',
  },
  changed: {
    zh: '不完好：命令 {command} 在命令记录中被改动',
    en: 'broken: command {command} was changed in the command journal',
  },
  inserted: {
    zh: '不完好：命令 {command} 是插入命令记录的',
    en: 'broken: command {command} was inserted in the command journal',
  },
  missing: {
    zh: '不完好：命令 {command} 从命令记录中被删除',
    en: 'broken: command {command} was deleted in the command journal',
  },
  given: {
    zh: '不完好：第 {entry} 条不是您给出的那一条（{hash}）：操作记录被截断或重新计算',
    en: 'broken: entry {entry} is not the one that you gave ({hash}): the log was cut off or computed anew',
  },
  acknowledged: {
    zh: '不完好：第 {entry} 条不是平台持有的那一条（{hash}）：操作记录被截断或重新计算',
    en: 'broken: entry {entry} is not the one that the platform has ({hash}): the log was cut off or computed anew',
  },
  entry: {
    zh: '第 {entry} 条处不完好：它不能由前面的 {entries} 条推出',
    en: 'broken at entry {entry}: it does not follow from the {entries} before it',
  },
  empty: {
    zh: '一条操作记录也没有。主机每执行一条命令都会写一条：除非这台主机从未使用过，否则操作记录已被删除。',
    en: 'there is no entry at all. A box writes one with every command: unless this one has never been in use, its log was deleted.',
  },
  unproven: {
    zh: '不知道平台持有哪一条：整条链如果被重新制作，在这里看不出来。请用 --head 给出一条（接收端的 query.ts heads）。',
    en: 'no head is known that the platform has: a whole new chain would not show. Give one with --head (query.ts heads at the receiver).',
  },
  uncovered: {
    zh: '保存的命令中有 {commands} 条早于现存的操作记录：没有依据能说明它们原来是什么。',
    en: '{commands} stored commands are older than what the log still holds: nothing says how they were.',
  },
});

/** The finding in one line for a person. */
export function auditLine(found: AuditVerification, language: Language): string {
  return found.intact ? intactText(found, language) : brokenText(found, language);
}

/** The limits of an intact chain: it does not prove everything. */
export function warningOf(
  found: AuditVerification,
  wasGiven: boolean,
  language: Language,
): string | undefined {
  if (!found.intact) return undefined;
  const { entries, acknowledged, commands } = found;
  if (entries === 0) return said(language, 'empty');
  if (acknowledged === undefined && !wasGiven) return said(language, 'unproven');
  return commands.uncovered > 0 ? said(language, 'uncovered', { commands: commands.uncovered }) : undefined;
}

type Intact = Extract<AuditVerification, { intact: true }>;
type Broken = Extract<AuditVerification, { intact: false }>;

function intactText({ entries, head, commands, acknowledged }: Intact, language: Language): string {
  const intact = said(language, 'intact', { entries, head, rows: commands.rows });
  return acknowledged === undefined ? intact : said(language, 'proven', { intact, entry: acknowledged });
}

function brokenText({ entries, why, brokenAt, commandId, is, head }: Broken, language: Language): string {
  if (why === 'command') return said(language, is ?? 'changed', { command: commandId ?? '?' });
  if (why === 'head' && head) return said(language, head.by, { entry: head.sequence, hash: head.hash });
  return said(language, 'entry', { entry: brokenAt ?? '?', entries });
}
