import { type Clock, nothingCalled } from '@gatehouse/kit';
import { inLanguage, type Text } from './texts.ts';
import type { Output, Verb } from './verb.ts';

/**
 * Each verb is loaded when it is asked for: a look at the incidents must not wait for ONNX Runtime to load.
 */
const verbs: Readonly<Record<string, (clock: Clock) => Promise<Verb>>> = {
  doctor: async () => (await import('./verbs/doctor.ts')).doctor,
  config: async () => (await import('./verbs/config.ts')).config,
  detect: async () => (await import('./verbs/detect.ts')).detect,
  replay: async () => (await import('./verbs/replay.ts')).replay,
  models: async () => (await import('./verbs/models.ts')).models,
  bus: async (clock) => (await import('./verbs/bus.ts')).bus(clock),
  acceptance: async (clock) => (await import('./verbs/acceptance.ts')).acceptance(clock),
  events: async (clock) => (await import('./verbs/reads.ts')).events(() => clock.epochMs()),
  tracks: async (clock) => (await import('./verbs/tracks.ts')).tracks(() => clock.epochMs()),
  incidents: async () => (await import('./verbs/reads.ts')).incidents,
  cards: async () => (await import('./verbs/cards.ts')).cards,
  audit: async () => (await import('./verbs/audit.ts')).audit,
  db: async (clock) => (await import('./verbs/store.ts')).db(clock),
  backup: async () => (await import('./verbs/store.ts')).backup,
  restore: async (clock) => (await import('./verbs/store.ts')).restore(clock),
  'setup-code': async () => (await import('./verbs/reads.ts')).setupCode,
};

/** Runs one verb; returns the exit code. */
export async function run(argv: readonly string[], output: Output, clock: Clock): Promise<number> {
  const [name = 'help', ...args] = argv;
  if (name === 'help' || name === '--help') return help(args[0], output, clock);
  const load = verbs[name];
  if (!load) throw nothingCalled('USAGE/verb', name, Object.keys(verbs));
  return (await load(clock)).run(args, output);
}

const inCheckout: Text = {
  zh: '在代码库中，“gatehouse”即：npm run --silent gatehouse --',
  en: 'In a checkout "gatehouse" is: npm run --silent gatehouse --',
};

async function help(topic: string | undefined, output: Output, clock: Clock): Promise<number> {
  if (topic !== undefined && !(topic in verbs)) throw nothingCalled('USAGE/verb', topic, Object.keys(verbs));
  const chosen = Object.entries(verbs).filter(([name]) => topic === undefined || name === topic);
  for (const [, load] of chosen) {
    const { usage, summary } = await load(clock);
    output.line(`gatehouse ${usage}\n    ${inLanguage(summary, output.language)}`);
  }
  if (chosen.length > 1) output.line(inLanguage(inCheckout, output.language));
  return 0;
}
