import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/** Longest time for fetching the default model, a few megabytes. */
const fetchWithinMs = 120_000;

/** What a failed `models fetch --json` says on stdout; its stderr is empty. */
const Outcome = z.object({ ok: z.literal(false), problem: z.string() });

/**
 * Brings the default detector into the state directory (from `GATEHOUSE_MODEL_MIRROR`, else its pinned address), in
 * a process of its own. Without it the box runs all the same and says that its cameras see nothing: so a failure is
 * told, not thrown. Resolves to whether the model is here.
 */
export async function fetchDefaultModel(
  cwd: string,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<boolean> {
  try {
    await run(process.execPath, ['edge-runtime/cli/main.ts', 'models', 'fetch', '--json'], {
      cwd,
      env,
      timeout: fetchWithinMs,
    });
    say('the default model is here');
    return true;
  } catch (error) {
    say(`no model, so no detection: ${reasonOf(error)}`);
    return false;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { stdout, stderr, killed } = { stdout: '', stderr: '', killed: false, ...error };
  if (killed) return `fetching took longer than ${fetchWithinMs / 1000} s`;
  return problemIn(stdout) ?? (stderr.trim().split('\n').at(-1) || error.message);
}

function problemIn(stdout: string): string | undefined {
  try {
    return Outcome.safeParse(JSON.parse(stdout)).data?.problem;
  } catch {
    // Not an answer of the command line: what it printed on stderr says more.
    return undefined;
  }
}
