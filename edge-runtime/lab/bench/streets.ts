/**
 * Streets bench: generated streets for the rules on standing vehicles (`incidents/test/streets`), and what is
 * wrong with the incidents on them, by the kind of street.
 *
 * `npm run bench -- streets [--scenes N] [--seed N] [--rule NAME] [--kind NAME] [--examples]`; N streets a
 * rule, some 150 a second. JSON lines on stdout, exit code 1 when an incident is wrong, missed or late.
 * `--examples` adds the smallest street of each kind that fails, for a person to read; it takes longer.
 */
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { IncidentEngine } from '../../incidents/index.ts';
import type { EngineFactory } from '../../incidents/test/scenes/run.ts';
import { isLeftOpen } from '../../incidents/test/streets/judge.ts';
import type { Mistake } from '../../incidents/test/streets/mistakes.ts';
import { mistakesOn } from '../../incidents/test/streets/run.ts';
import type { Rule } from '../../incidents/test/streets/script.ts';
import { kindsOfStreet, streetsOf } from '../../incidents/test/streets/scripts.ts';
import { madeBy, reporter } from './bench-report.ts';

const mostLeftOpen = 0.05;
const rules: readonly Rule[] = ['illegal-parking', 'fire-passage', 'gate-congestion'];
const { values } = parseArgs({
  options: {
    scenes: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '31' },
    rule: { type: 'string' },
    kind: { type: 'string' },
    examples: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const chosenRules = rules.filter((rule) => (values.rule ?? rule) === rule);
const chosenKinds = kindsOfStreet.filter((kind) => (values.kind ?? kind) === kind);
if (chosenRules.length === 0) throw new Error(`no such rule. Use: ${rules.join(', ')}`);
if (chosenKinds.length === 0) throw new Error(`no such kind of street. Use: ${kindsOfStreet.join(', ')}`);
const ofEachKind = Math.ceil(Number(values.scenes) / chosenKinds.length);

const report = reporter('streets');
const real: EngineFactory = (cameras) => new IncidentEngine(cameras);

/** An incident too many; one too few; one at the wrong time, in the wrong order or without its stages. */
const classes = {
  'wrong-incidents': ['not due', 'twice', 'early', 'cleared early'],
  'missed-incidents': ['missed'],
  'late-incidents': ['late', 'cleared late', 'not cleared'],
  'other-mistakes': ['order', 'prompt', 'escalation'],
} as const satisfies Record<string, readonly Mistake['what'][]>;

function tell(line: object): void {
  console.log(JSON.stringify(line));
}

function measureKind(rule: Rule, kind: string) {
  const streets = fc.sample(streetsOf(rule, [kind]), { seed, numRuns: ofEachKind });
  const failures = streets
    .map((script) => mistakesOn(script, real))
    .filter((mistakes) => mistakes.length > 0);
  const mistakes = Map.groupBy(failures.flat(), ({ what }) => what);
  const open = Map.groupBy(streets, isLeftOpen);
  const counts = Object.fromEntries([...mistakes].map(([what, all]) => [what, all.length]));
  const [untold, close] = [open.get('untold')?.length ?? 0, open.get('close')?.length ?? 0];
  tell({
    bench: 'streets',
    rule,
    kind,
    streets: streets.length,
    failed: failures.length,
    mistakes: counts,
    untold,
    close,
  });
  if (values.examples && failures.length > 0)
    tell({ bench: 'streets', rule, kind, example: exampleOf(rule, kind) });
  return { streets: streets.length, failed: failures.length, counts, untold, close };
}

function exampleOf(rule: Rule, kind: string) {
  const fails = fc.check(
    fc.property(streetsOf(rule, [kind]), (script) => mistakesOn(script, real).length === 0),
    { seed, numRuns: ofEachKind },
  );
  const [script] = fails.counterexample ?? [];
  return script && { script, mistakes: mistakesOn(script, real) };
}

tell({ bench: 'streets', ...madeBy(), seed, scenes: Number(values.scenes), began: new Date().toISOString() });
const began = performance.now();
for (const rule of chosenRules) {
  const measured = chosenKinds.map((kind) => measureKind(rule, kind));
  const sum = (of: (one: (typeof measured)[number]) => number) => measured.reduce((n, one) => n + of(one), 0);
  const streets = sum((one) => one.streets);
  report(`${rule}: streets`, streets, 'count');
  report(
    `${rule}: failed-streets`,
    sum((one) => one.failed),
    'count',
    { target: 0 },
  );
  for (const [name, whats] of Object.entries(classes)) {
    const count = sum(({ counts }) => whats.reduce((n, what) => n + (counts[what] ?? 0), 0));
    report(`${rule}: ${name}`, count, 'count', { target: 0 });
  }
  report(`${rule}: untold-share`, sum((one) => one.untold) / streets, 'share', { target: mostLeftOpen });
  report(`${rule}: close-share`, sum((one) => one.close) / streets, 'share', { target: mostLeftOpen });
}
report('duration', (performance.now() - began) / 1000, 's');
