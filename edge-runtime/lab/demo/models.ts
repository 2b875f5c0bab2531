import { execFile } from 'node:child_process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { z } from 'zod';

const run = promisify(execFile);

/**
 * Longest time for bringing the models: one download of a few megabytes that gives up by itself after 60 s.
 */
const withinMs = 90_000;

/** One line of `models choose --json`. */
const Choice = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    why: z.enum(['named', 'default', 'bundled', 'fallback']),
    detail: z.string(),
    remedy: z.string().optional(),
  }),
  z.object({ ok: z.literal(false), problem: z.string() }),
]);

/** Line of `models choose --json` before it asks a server for a model. */
const Asking = z.object({ asking: z.string(), detail: z.string() });

/** The models that the box will detect with, as far as a person has to know. */
export interface ModelsReady {
  /** False: there is a camera that no model looks at. */
  readonly detects: boolean;
  /** Steps towards another model than the one at hand, or against a fault. */
  readonly advice: readonly string[];
}

/**
 * Brings the detectors of a site into the state directory (from `GATEHOUSE_MODEL_MIRROR`, else from their
 * pinned addresses), in a process of its own. Says which server it asks and which models will run. An
 * internet that does not answer costs 8 s, and then the bundled model runs. Without any model the box runs
 * all the same and says that its cameras see nothing: so a failure is reported, not thrown.
 */
export async function readyModels(
  site: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<ModelsReady> {
  const args = ['edge-runtime/cli/main.ts', 'models', 'choose', '--site', site, '--fetch', '--json'];
  const running = run(process.execPath, args, { cwd, env, timeout: withinMs });
  if (running.child.stdout)
    createInterface(running.child.stdout).on('line', (line) => {
      const asking = Asking.safeParse(jsonOf(line));
      if (asking.success) say(asking.data.detail);
    });
  // If this program is stopped meanwhile, no process stays that still waits for the internet.
  const end = () => void running.child.kill();
  process.once('exit', end);
  const { lines, failure } = await linesOf(running);
  process.removeListener('exit', end);
  for (const line of lines) say(line.ok ? line.detail : `no detection: ${line.problem}`);
  if (lines.length === 0) say(`no detection: ${failure}`);
  return {
    detects: lines.length > 0 && lines.every(({ ok }) => ok),
    advice: lines.flatMap((line) => (line.ok && line.remedy !== undefined ? [line.remedy] : [])),
  };
}

type Output = { readonly stdout: string; readonly stderr?: string; readonly killed?: boolean };

/** The lines that it printed, also where it failed; `failure` says why there is nothing. */
async function linesOf(running: Promise<Output>) {
  try {
    return { lines: parsed((await running).stdout), failure: 'the command line said nothing' };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { stdout, stderr, killed } = { stdout: '', stderr: '', killed: false, ...error };
    const late = `looking for models took longer than ${withinMs / 1000} s`;
    return {
      lines: parsed(stdout),
      failure: killed ? late : stderr.trim().split('\n').at(-1) || error.message,
    };
  }
}

function parsed(stdout: string): z.infer<typeof Choice>[] {
  return stdout.split('\n').flatMap((line) => Choice.safeParse(jsonOf(line)).data ?? []);
}

/** `undefined` for a line that is no answer of the command line: its text on stderr says more. */
function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
