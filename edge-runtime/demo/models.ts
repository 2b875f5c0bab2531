import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Longest time for fetching the default model, a few megabytes. */
const fetchWithinMs = 120_000;

/**
 * Brings the default detector into the state directory (from `GATEHOUSE_MODEL_MIRROR`, else its pinned address), in
 * a process of its own. Without it the box runs all the same and says that its cameras see nothing: so a failure is
 * told, not thrown.
 */
export async function fetchDefaultModel(cwd: string, env: NodeJS.ProcessEnv, say: (text: string) => void) {
  try {
    await run(process.execPath, ['edge-runtime/cli/main.ts', 'models', 'fetch'], {
      cwd,
      env,
      timeout: fetchWithinMs,
    });
    say('the default model is here');
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    say(`no model, so no detection: ${stderr.split('\n').at(-1) || 'fetching took too long'}`);
  }
}
