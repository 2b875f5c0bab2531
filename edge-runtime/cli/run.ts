import type { Clock } from '@gatehouse/kit';
import { type Output, usageError, type Verb } from './verb.ts';
import { config } from './verbs/config.ts';
import { detect } from './verbs/detect.ts';
import { doctor } from './verbs/doctor.ts';
import { models } from './verbs/models.ts';
import { events, incidents, setupCode } from './verbs/reads.ts';
import { replay } from './verbs/replay.ts';

/** Runs one verb; returns the exit code. */
export async function run(argv: readonly string[], output: Output, clock: Clock): Promise<number> {
  const verbs: Readonly<Record<string, Verb>> = {
    doctor,
    config,
    detect,
    replay,
    models,
    events: events(() => clock.epochMs()),
    incidents,
    'setup-code': setupCode,
  };
  const [name = 'help', ...args] = argv;
  if (name === 'help' || name === '--help') return help(verbs, args[0], output);
  const verb = verbs[name];
  if (!verb) throw usageError(`no verb is called "${name}".`, '');
  return verb.run(args, output);
}

function help(verbs: Readonly<Record<string, Verb>>, topic: string | undefined, output: Output): number {
  const chosen = topic !== undefined && verbs[topic] ? { [topic]: verbs[topic] } : verbs;
  for (const { usage, summary } of Object.values(chosen)) output.line(`gatehouse ${usage}\n    ${summary}`);
  return 0;
}
