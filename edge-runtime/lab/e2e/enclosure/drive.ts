import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '@gatehouse/harness';
import { runDir, stateDir } from '@gatehouse/kit';
import { WebSocket } from 'ws';
import { listArrived } from '../../../../sync-agent/receiver/query.ts';
import { Guard } from '../chaos/guard.ts';

/**
 * Runs within an enclosure: starts the box by `npm start` as a person would, uses it for at least so many
 * seconds, and stops it with Ctrl+C. The output of `npm start` goes to stderr, and the result, one JSON line,
 * to stdout.
 *
 *   node drive.ts demo|site SECONDS
 *
 * `site` starts it on the site file that GATEHOUSE_SITE names.
 */
const [what, seconds = '0'] = process.argv.slice(2);
const address = 'http://127.0.0.1:8080';
const checkout = join(import.meta.dirname, '..', '..', '..', '..');
const camera = 'inner-road';
const startWithinMs = 120_000;
const incidentWithinMs = 180_000;

/** The box's acts, so that a silence is not that of a box which did nothing. */
export interface Driven {
  readonly health: Readonly<Record<string, string>>;
  readonly console: readonly string[];
  readonly incidents: number;
  readonly inFlow: boolean;
  /** Programs that had ONNX Runtime in memory, and whether its telemetry was off when they were started. */
  readonly inferring: readonly { readonly command: string; readonly telemetryOff: boolean }[];
  /** Exit code of `npm start`, or the signal that ended it. */
  readonly ended: string;
}

const box = spawn('npm', ['start'], { cwd: checkout, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
let terminal = '';
for (const stream of [box.stdout, box.stderr])
  stream.on('data', (chunk) => {
    terminal += chunk;
    process.stderr.write(chunk);
  });
const ended = once(box, 'exit').then(([code, signal]) => String(code ?? signal));
const startedMs = performance.now();

async function health(): Promise<Record<string, string>> {
  const answer = await fetch(`${address}/api/health`).catch(() => undefined);
  const body = (await answer?.json()) as { services?: Record<string, { status: string }> } | undefined;
  return Object.fromEntries(Object.entries(body?.services ?? {}).map(([name, { status }]) => [name, status]));
}

async function cli(...args: string[]): Promise<string> {
  const child = spawn('npm', ['run', '--silent', 'gatehouse', '--', ...args], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  await once(child, 'close');
  return text;
}

/** A guard's evening: pages, a still, the live picture, the barrier, the flow editor. Returns each answer. */
async function useConsole(): Promise<string[]> {
  const guard = new Guard(address);
  const { code } = JSON.parse(await cli('setup-code', '--json')) as { code: string };
  await guard.enter('/api/setup', { code, user: 'admin', password: 'night shift 3' });
  const paths = ['/', '/api/cameras', '/api/incidents', `/api/cameras/${camera}/still`];
  const answers = await Promise.all(
    paths.map(async (path) => `${path} ${await statusOf(`${address}${path}`, guard.headers)}`),
  );
  const { origin, cookie } = await guard.enterEditor();
  const editor = await statusOf(`${origin}/flows/`, { cookie });
  const live = new WebSocket(`${address.replace('http', 'ws')}/api/cameras/${camera}/live`, {
    headers: { cookie: guard.cookie },
  });
  await once(live, 'message');
  live.close();
  const { state } = await guard.command('main-barrier', 'open', false);
  return [...answers, `flow editor ${editor}`, 'live picture', `barrier ${state}`];
}

async function statusOf(url: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const answer = await fetch(url, { headers });
  await answer.arrayBuffer();
  return answer.status;
}

/** True if the flows service says over its socket that its feed has had an incident. */
async function flowHasIncident(): Promise<boolean> {
  const socketPath = join(runDir(), 'flows', 'runtime', 'api.sock');
  const call = request({ socketPath, path: '/gatehouse/state' });
  call.end();
  const [answer] = await once(call, 'response');
  let text = '';
  for await (const chunk of answer) text += chunk;
  return JSON.parse(text).lastIncident !== undefined;
}

function inferring(): Driven['inferring'] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const read = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
        if (!read('maps').includes('libonnxruntime')) return [];
        const telemetryOff = read('environ').split('\0').includes('ORT_DISABLE_TELEMETRY=1');
        return [{ command: read('cmdline').replaceAll('\0', ' ').trim(), telemetryOff }];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

async function useDemo(): Promise<Omit<Driven, 'health' | 'ended'>> {
  const console = await useConsole();
  await cli('doctor', '--site', join(stateDir(), 'demo', 'site.yaml'));
  await cli('backup', '--out', join(stateDir(), 'events.bak'));
  const arrived = () => listArrived(join(stateDir(), 'demo', 'platform.db'), 'incidents').length;
  await until('an incident on the platform', () => arrived() > 0, {
    withinMs: incidentWithinMs,
    everyMs: 250,
  });
  await until('an incident in a flow', flowHasIncident, { withinMs: incidentWithinMs, everyMs: 250 });
  return { console, incidents: arrived(), inFlow: true, inferring: inferring() };
}

await until(
  'the greeting',
  () => {
    if (box.exitCode !== null) throw new Error(`npm start ended with ${box.exitCode}`);
    return terminal.includes('Ctrl+C');
  },
  { withinMs: startWithinMs, everyMs: 250 },
);
const nothing = { console: [], incidents: 0, inFlow: false, inferring: inferring() };
const used = what === 'demo' ? await useDemo() : nothing;
await wait(Math.max(0, Number(seconds) * 1000 - (performance.now() - startedMs)));
const state = await health();
// Ctrl+C reaches everybody at the terminal.
process.kill(-(box.pid ?? 0), 'SIGINT');
const driven: Driven = { ...used, health: state, ended: await ended };
process.stdout.write(`${JSON.stringify(driven)}\n`);
