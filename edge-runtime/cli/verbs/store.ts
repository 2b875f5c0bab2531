import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runtimeForCli } from '@gatehouse/contracts';
import { type Clock, errorOf, GatehouseError, lineInWords, moveDurably, stateDir } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { assertStopped, checkFile, copyStopped, recoverStopped, restoreDatabase } from '@gatehouse/store';
import { texts } from '../texts.ts';
import { type Output, readArgs, required, type Verb } from '../verb.ts';

const said = texts({
  intact: { zh: '完好：{bytes} 字节', en: 'intact: {bytes} bytes' },
  recover: {
    zh: '请停止主机，再运行：gatehouse db recover',
    en: 'Stop the box and say: gatehouse db recover',
  },
  recovered: {
    zh: '已恢复 {rows} 行；原来的文件在 {file}',
    en: 'recovered {rows} rows; the file of before is {file}',
  },
  copied: { zh: '{file}：{bytes} 字节，已检查', en: '{file}: {bytes} bytes, checked' },
  restored: { zh: '已还原，纪元 {epoch}', en: 'restored, epoch {epoch}' },
  before: { zh: '原来的文件在 {file}', en: 'the file of before is {file}' },
});

/** A gigabyte on an eMMC, read twice. */
const timeoutMs = 600_000;
const eventsFile = () => join(stateDir(), 'events.db');
const runtime = () => apiClient(runtimeForCli);

/** The runtime's answer; `undefined` when no runtime runs. */
async function ofRunning<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'PEER_DOWN') return undefined;
    throw error;
  }
}

async function assertNobodyAnswers(): Promise<void> {
  const health = await ofRunning(() => runtime().call('health', { timeoutMs: 2_000 }));
  if (health !== undefined) throw errorOf('STORE_TAKEN/runs');
}

export const db = (clock: Clock): Verb => ({
  usage: 'db verify|recover [--box ID] [--json]',
  summary: {
    zh: 'verify：检查 events.db 的每一页，主机运行或停止都可以；recover：用已停止主机的文件中能读出的内容重建该文件',
    en: 'verify: checks every page of events.db, of a running or a stopped box; recover: makes a stopped box’s file anew of what can be read',
  },
  async run(args, output) {
    const { values, words } = readArgs('db', args, { box: 'string' }, 1);
    if (words[0] === 'verify') return verify(output, values.json ?? false);
    if (words[0] !== 'recover')
      throw errorOf('USAGE/say', { verb: 'db', words: '"db verify" or "db recover"' });
    await assertNobodyAnswers();
    const recovery = recoverStopped(eventsFile(), values.box, clock.epochMs());
    const rows = Object.values(recovery.copied).reduce((sum, n) => sum + n, 0);
    if (values.json) output.line(JSON.stringify(recovery));
    else output.line(said(output.language, 'recovered', { rows, file: recovery.aside }));
    return 0;
  },
});

async function verify(output: Output, json: boolean): Promise<number> {
  const { language } = output;
  const found =
    (await ofRunning(() => runtime().call('verifyStore', { timeoutMs }))) ?? (await verifyStopped());
  if (json) output.line(JSON.stringify(found));
  else if (found.intact) output.line(said(language, 'intact', { bytes: found.bytes }));
  else for (const problem of linesOf(found.problems)) output.line(lineInWords(problem, language));
  if (!found.intact && !json) output.note(said(language, 'recover'));
  return found.intact ? 0 : 1;
}

/** SQLite tells several things in one text. */
function linesOf(problems: readonly string[]): string[] {
  return problems.flatMap((problem) => problem.split('\n'));
}

async function verifyStopped() {
  const file = eventsFile();
  if (!existsSync(file)) throw errorOf('STORE_MISSING', { file });
  assertStopped(file);
  return checkFile(file);
}

export const backup: Verb = {
  usage: 'backup --out FILE [--json]',
  summary: {
    zh: '把运行中或已停止主机的 events.db（事件、待上传事件、用户、操作记录）复制成一个检查过的文件；不含图片，不含 drivers.db',
    en: 'copies events.db (incidents, unsent events, users, audit) of a running or a stopped box into one checked file; not pictures, not drivers.db',
  },
  async run(args, output) {
    const { values } = readArgs('backup', args, { out: 'string' });
    const out = resolve(required(values.out, 'backup', 'out'));
    const part = `${out}.part`;
    try {
      const running = await ofRunning(() => fetchBackup(part));
      if (running === undefined) await copyStopped(eventsFile(), part);
      const { intact, problems, bytes } = await checkFile(part);
      if (!intact) throw errorOf('BACKUP_DAMAGED', { problem: problems[0] });
      moveDurably(part, out);
      output.line(
        values.json
          ? JSON.stringify({ file: out, bytes })
          : said(output.language, 'copied', { file: out, bytes }),
      );
      return 0;
    } finally {
      rmSync(part, { force: true });
    }
  },
};

async function fetchBackup(part: string): Promise<true> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await runtime().open('backup', { timeoutMs, signal });
  // It holds names and password hashes.
  const file = createWriteStream(part, { mode: 0o600 }).on('error', () => undefined);
  await pipeline(response, file);
  return true;
}

export const restore = (clock: Clock): Verb => ({
  usage: 'restore FILE [--box ID] [--json]',
  summary: {
    zh: '检查备份后，用它替换已停止主机的 events.db；原来的文件保留在旁边',
    en: 'puts a backup in the place of a stopped box’s events.db, after checking it; the file of before is kept beside it',
  },
  async run(args, output) {
    const { values, words } = readArgs('restore', args, { box: 'string' }, 1);
    const [from] = words;
    if (from === undefined) throw errorOf('USAGE/which-file');
    await assertNobodyAnswers();
    const options = { file: eventsFile(), from: resolve(from), nowMs: clock.epochMs() };
    const restored = await restoreDatabase({ ...options, ...(values.box ? { box: values.box } : {}) });
    if (values.json) output.line(JSON.stringify(restored));
    else {
      output.line(said(output.language, 'restored', { epoch: restored.epoch }));
      if (restored.aside) output.line(said(output.language, 'before', { file: restored.aside }));
    }
    return 0;
  },
});
