import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blindSleeps } from './blind-sleep.ts';
import { isTest, sourceFiles } from './source-tree.ts';

interface Habit {
  readonly name: string;
  readonly pattern: RegExp;
  /** Files that may do it, and why. */
  readonly except: (path: string) => boolean;
}

/** Simulators and floors may not import the kit, pages run in a browser, benches measure. */
const hasNoKit = (path: string) =>
  isTest(path) ||
  /\/(simulators|floors|bench|web|camera-simulator|bootstrap|training)\//.test(path) ||
  /\.(cjs|html)$/.test(path);

/**
 * A database with its log, a file that is put aside because it is damaged, and a folder that is built anew at
 * any time.
 */
const mayRename: readonly string[] = [
  'edge-runtime/kit/durable-file.ts',
  'edge-runtime/kit/replace-file.ts',
  'edge-runtime/runtime/desired-state/state-file.ts',
  'edge-runtime/console/web/build.ts',
];

/** Draws pictures by a page of its own without a policy, and has a long limit of its own. */
const isStudio = (path: string) => path === 'edge-runtime/lab/sim/render/studio.ts';

/** Spelled in halves, so that this file does not find itself. */
const unfinished = ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'];
const silencers = [
  '@ts-' + 'ignore',
  '@ts-' + 'nocheck',
  '@ts-' + 'expect-error',
  'biome-' + 'ignore',
  'eslint-' + 'disable',
];

const habits: readonly Habit[] = [
  {
    name: 'reads a clock or sets a timer outside kit/clock.ts',
    pattern: /\bDate\.now\(|\bperformance\.now\(|(?<![.\w])set(Timeout|Interval)\(/,
    except: (path) => path === 'edge-runtime/kit/clock.ts' || hasNoKit(path),
  },
  {
    name: 'renames or syncs a file by itself; kit/durable-file.ts writes and moves so that a power cut leaves one whole file',
    pattern: /\b(rename|renameSync|fsync|fsyncSync)\(/,
    except: (path) => mayRename.includes(path) || hasNoKit(path) || /\/(demo|sim|lab)\//.test(path),
  },
  { name: 'swallows an error', pattern: /catch\s*(\([^)]*\))?\s*\{\s*\}/, except: () => false },
  {
    name: 'leaves work for later',
    pattern: new RegExp(`\\b(${unfinished.join('|')})\\b`),
    except: () => false,
  },
  {
    name: 'silences a check',
    pattern: new RegExp(silencers.join('|')),
    except: () => false,
  },
  {
    // Its second look is an eval in the page. The console's policy forbids it, so that a slow machine fails.
    name: 'waits by a function in the page; until() of lab/harness asks from outside',
    pattern: /\bwaitForFunction\(/,
    except: isStudio,
  },
  {
    // Playwright's own limit is 30 s, and a busy machine takes longer over one step.
    name: 'opens a page with a short limit; patientContext() of test/support/patient-browser.ts has a long one',
    pattern: /\bnewContext\(|\bbrowser\.newPage\(/,
    except: (path) => path === 'edge-runtime/test/support/patient-browser.ts' || isStudio(path),
  },
  {
    name: 'reads a stream of events that nobody keeps',
    // `keepStream` recognises an open stream, watches it and opens it again; seven callers had forgotten one
    // of these.
    pattern: /\breadEventStream\(/,
    except: (path) => path === 'edge-runtime/kit/event-stream.ts' || isTest(path) || path.includes('/bench/'),
  },
];

const files = sourceFiles();

for (const habit of habits)
  test(`no file ${habit.name}`, () => {
    const found = files.filter(({ path, text }) => !habit.except(path) && habit.pattern.test(text));
    assert.deepEqual(
      found.map(({ path }) => path),
      [],
    );
  });

test('each habit would be noticed', () => {
  const samples = [
    'const t = Date.now();',
    'renameSync(part, path);',
    `try { a(); } catch (error) ${'{}'}`,
    `// ${unfinished[0]} later`,
    `// ${silencers[0]}`,
    `await page.${'waitForFunction'}(look);`,
    `await chromium.${'newContext'}({});`,
    'for await (const event of readEventStream(response)) take(event);',
  ];
  for (const [i, sample] of samples.entries()) assert.match(sample, habits[i]?.pattern ?? /$^/);
});

test('no test waits for time to pass instead of for what it needs', () => {
  // A bus has to rest, and a kill comes at a random instant: there the test is about time.
  const timed = /^drivers\/(bus\/test\/(wire\.test|reply-fuzz)|test\/kill\/kill-run)\.ts$/;
  const tests = files
    .map(({ path }) => path)
    .filter((path) => /\/test\/.*\.ts$/.test(path) && !timed.test(path));
  assert.deepEqual(blindSleeps(tests), []);
});

test('a blind sleep would be noticed, and one in a loop that polls is none', () => {
  const sample = ['drivers/test/kill/kill-run.ts', 'edge-runtime/lab/harness/until.ts'];
  assert.match(blindSleeps(sample).join('\n'), /^drivers\/test\/kill\/kill-run\.ts:\d+: await sleep\(/);
  assert.doesNotMatch(blindSleeps(sample).join('\n'), /until\.ts/);
});

test('no file is longer than 400 lines', () => {
  const long = files.filter(({ text }) => text.split('\n').length > 400);
  assert.deepEqual(
    long.map(({ path }) => path),
    [],
  );
});

test('only the command line, programs that print for people and benches write to the console', () => {
  const printing = files.filter(
    ({ path, text }) =>
      /\bconsole\.(log|error|warn|info)\(/.test(text) &&
      !isTest(path) &&
      !/\/(cli|bench|simulators|web)\//.test(path),
  );
  assert.deepEqual(
    printing.map(({ path }) => path),
    [],
  );
});
