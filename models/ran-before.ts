import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorOf, systemCode, writeDurablyAsync } from '@gatehouse/kit';
import { modelCache } from './resolve.ts';

/**
 * Beside the models: the id of the default that last ran on this box. Losing it costs a warning, never a
 * model.
 */
function recordFile(env: NodeJS.ProcessEnv): string {
  return join(modelCache(env), 'default-that-ran');
}

/** The default model that last ran on this box, if one ever did. */
export async function defaultThatRan(env: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  return readFile(recordFile(env), 'utf8').then(
    (text) => text.trim() || undefined,
    () => undefined,
  );
}

/** Notes that the default of this id runs here, whole or not at all. Throws `MODEL_CACHE_UNWRITABLE`. */
export async function noteDefaultRuns(id: string, env: NodeJS.ProcessEnv = process.env): Promise<void> {
  if ((await defaultThatRan(env)) === id) return;
  const file = recordFile(env);
  try {
    await mkdir(modelCache(env), { recursive: true });
    await writeDurablyAsync(file, `${id}\n`, 0o644);
  } catch (cause) {
    throw errorOf(
      'MODEL_CACHE_UNWRITABLE/file',
      { file, reason: systemCode(cause) ?? String(cause), folder: modelCache(env) },
      { cause },
    );
  }
}
