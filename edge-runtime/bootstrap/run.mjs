/**
 * The first program of every npm script. It runs on the host's Node (18 or later), installs missing parts,
 * says so on stderr, and hands over to the Node that the lock file pins. Plain JavaScript without imports
 * from packages: it runs before they are there.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled, ensurePages, requireHost } from './install.mjs';
import { pinnedNode } from './node-modules.mjs';
import { fail } from './say.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const [verb, ...args] = process.argv.slice(2);
process.chdir(root);
// ONNX Runtime reports to its maker unless it finds this when it is loaded (edge-runtime/onnx).
process.env.ORT_DISABLE_TELEMETRY = '1';

const workspaces = ['edge-runtime', 'drivers', 'sync-agent', 'flows', 'models', 'systemd'];

/**
 * The programs that each npm script runs, in order, on the pinned Node; `needs` lists the parts that must be
 * installed first.
 */
const verbs = {
  start: { needs: ['start', 'pages'], steps: () => [['edge-runtime/lab/demo/main.ts', ...args]] },
  test: { needs: ['start', 'test', 'sim', 'train', 'pages'], steps: () => [testStep()] },
  check: { needs: [], steps: checkSteps },
  sim: { needs: ['start', 'sim'], steps: () => [['edge-runtime/lab/sim/main.ts', ...args]] },
  'sim:doors': { needs: ['start'], steps: () => [['drivers/simulators/rehearse.ts', ...args]] },
  train: { needs: ['start', 'train'], steps: () => [['models/training/main.ts', ...args]] },
  bench: { needs: ['start', 'test', 'pages'], steps: () => [[benchFile(), ...args.slice(1)]] },
  cli: { needs: [], steps: () => [['edge-runtime/cli/main.ts', ...args]] },
};

function testStep() {
  const wanted = args.filter((arg) => !arg.startsWith('-'));
  const options = args.filter((arg) => arg.startsWith('-'));
  const folders = wanted.length > 0 ? wanted : workspaces;
  const globs = folders.map((path) => (path.endsWith('.ts') ? path : `${path}/**/test/**/*.test.ts`));
  // Test files wait for processes most of the time: two at a time used 1.3 of 2 cores.
  const atOnce = `--test-concurrency=${cpus().length + 1}`;
  return ['--test', atOnce, '--test-timeout=300000', ...options, ...globs];
}

function checkSteps() {
  return [
    ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.'],
    ['node_modules/typescript/bin/tsc', '-p', '.'],
    ['node_modules/typescript/bin/tsc', '-p', 'edge-runtime/console/web'],
    ['node_modules/typescript/bin/tsc', '-p', 'edge-runtime/lab/sim/page'],
  ];
}

function benchFile() {
  const file = `edge-runtime/lab/bench/${args[0]}.ts`;
  if (args[0] && /^[a-z]+$/.test(args[0]) && existsSync(file)) return file;
  const names = readdirSync('edge-runtime/lab/bench')
    .filter((name) => /^[a-z]+\.ts$/.test(name))
    .map((name) => name.slice(0, -3));
  return fail(`no bench is called "${args[0] ?? ''}". Use: npm run bench -- ${names.join('|')}`);
}

/** Runs one step with the terminal handed through; resolves to its exit code. */
function runStep(node, stepArgs) {
  return new Promise((resolve) => {
    // The program keeps the packages locked even if this one is killed.
    const stdio = ['inherit', 'inherit', 'inherit', ...(lock ? [lock.fd] : [])];
    const child = spawn(node, stepArgs, { stdio });
    const forward = (signal) => child.kill(signal);
    // Ctrl+C reaches the whole terminal group by itself; SIGTERM (a supervisor, npm) does not.
    const ignore = () => undefined;
    process.on('SIGTERM', forward);
    process.on('SIGINT', ignore);
    child.once('exit', (code, signal) => {
      process.removeListener('SIGTERM', forward);
      process.removeListener('SIGINT', ignore);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

const plan = verbs[verb];
if (!plan)
  fail(
    `unknown command "${verb ?? ''}". Use one of: npm start, npm test, npm run check, npm run bench, npm run sim, npm run sim:doors, npm run train, npm run gatehouse`,
  );
requireHost();
const lock = ensureInstalled(root, plan.needs);
const node = pinnedNode(root);
if (plan.needs.includes('pages')) ensurePages(root, node);
let exitCode = 0;
for (const step of plan.steps()) {
  exitCode = await runStep(node, step);
  if (exitCode !== 0) break;
}
process.exitCode = exitCode;
