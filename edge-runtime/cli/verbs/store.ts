import { createWriteStream, existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { runtimeForCli } from '@gatehouse/contracts';
import { type Clock, errorOf, GatehouseError, moveDurably, stateDir } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { assertStopped, checkFile, copyStopped, recoverStopped, restoreDatabase } from '@gatehouse/store';
import { type Output, readArgs, required, type Verb } from '../verb.ts';

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
  summary:
    'verify: checks every page of events.db, of a running or a stopped box; recover: makes a stopped box’s file anew of what can be read',
  async run(args, output) {
    const { values, words } = readArgs('db', args, { box: 'string' }, 1);
    if (words[0] === 'verify') return verify(output, values.json ?? false);
    if (words[0] !== 'recover')
      throw errorOf('USAGE/say', { verb: 'db', words: '"db verify" or "db recover"' });
    await assertNobodyAnswers();
    const recovery = recoverStopped(eventsFile(), values.box, clock.epochMs());
    const rows = Object.values(recovery.copied).reduce((sum, n) => sum + n, 0);
    if (values.json) output.line(JSON.stringify(recovery));
    else output.line(`recovered ${rows} rows; the file of before is ${recovery.aside}`);
    return 0;
  },
});

async function verify(output: Output, json: boolean): Promise<number> {
  const found =
    (await ofRunning(() => runtime().call('verifyStore', { timeoutMs }))) ?? (await verifyStopped());
  if (json) output.line(JSON.stringify(found));
  else if (found.intact) output.line(`intact: ${found.bytes} bytes`);
  else for (const problem of found.problems) output.line(problem);
  if (!found.intact && !json) output.note('Stop the box and say: gatehouse db recover');
  return found.intact ? 0 : 1;
}

async function verifyStopped() {
  const file = eventsFile();
  if (!existsSync(file)) throw errorOf('STORE_MISSING', { file });
  assertStopped(file);
  return checkFile(file);
}

export const backup: Verb = {
  usage: 'backup --out FILE [--json]',
  summary:
    'copies events.db (incidents, unsent events, users, audit) of a running or a stopped box into one checked file; not pictures, not drivers.db',
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
      output.line(values.json ? JSON.stringify({ file: out, bytes }) : `${out}: ${bytes} bytes, checked`);
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
  summary:
    'puts a backup in the place of a stopped box’s events.db, after checking it; the file of before is kept beside it',
  async run(args, output) {
    const { values, words } = readArgs('restore', args, { box: 'string' }, 1);
    const [from] = words;
    if (from === undefined) throw errorOf('USAGE/which-file');
    await assertNobodyAnswers();
    const options = { file: eventsFile(), from: resolve(from), nowMs: clock.epochMs() };
    const restored = await restoreDatabase({ ...options, ...(values.box ? { box: values.box } : {}) });
    if (values.json) output.line(JSON.stringify(restored));
    else {
      output.line(`restored, epoch ${restored.epoch}`);
      if (restored.aside) output.line(`the file of before is ${restored.aside}`);
    }
    return 0;
  },
});
