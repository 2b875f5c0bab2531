/** What the sync benches share: real processes, a broker, and the line that a measure prints. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { nodeFlagsOf } from '../demo/process-table.ts';

const root = join(import.meta.dirname, '../../..');

export async function until(
  what: string,
  probe: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await probe())) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await delay(10);
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Ends a process and waits for it. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
}

/** A program of this tree on this Node, with the flags that it has on a box; its log goes nowhere, what it says of errors to stderr. */
export function program(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = spawn(process.execPath, [...nodeFlagsOf(file), join(root, file), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Whoever wants it listens as well; a pipe that nobody reads would stop the program when it is full.
  child.stdout?.resume();
  return child;
}

/** mosquitto without persistence on a free port; `config` lines are added. Resolves once it listens. */
export async function startMosquitto(folder: string, config: readonly string[] = []) {
  const port = await freePort();
  const file = join(folder, `mosquitto-${port}.conf`);
  const fixed = ['allow_anonymous true', 'persistence false', 'set_tcp_nodelay true', 'log_dest none'];
  // With the default of 20 no commit of a subscriber can hold more than 20 events, whatever the window.
  const inflight = config.some((line) => line.startsWith('max_inflight_messages'))
    ? []
    : ['max_inflight_messages 1000'];
  const lines = [`listener ${port} 127.0.0.1`, ...fixed, ...inflight, ...config];
  // As root it would change to the user mosquitto, who cannot raise its limits or read this folder.
  if (process.getuid?.() === 0) lines.push('user root');
  await writeFile(file, `${lines.join('\n')}\n`);
  const child = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
  await until('mosquitto listens', () => answers(port));
  return { child, port, url: `mqtt://127.0.0.1:${port}` };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export interface Measure {
  readonly measure: string;
  readonly value: number;
  readonly unit: string;
  readonly floor?: number | undefined;
  readonly target?: number | undefined;
  readonly ok?: boolean;
}

/** Prints one JSON line; a measure that is not ok makes the exit code 1. */
export function report({ measure, value, unit, floor, target, ok = true }: Measure): void {
  const round = (n: number) => Math.round(n * 1000) / 1000;
  const line = {
    bench: 'sync',
    measure,
    value: round(value),
    unit,
    floor: floor === undefined ? null : round(floor),
    ratio: floor === undefined ? null : round(value / floor),
    target: target ?? null,
    ok,
  };
  console.log(JSON.stringify(line));
  if (!ok) process.exitCode = 1;
}
