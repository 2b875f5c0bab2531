import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Aedes } from 'aedes';
import { scratchDir } from './scratch.ts';
import { until } from './until.ts';

/** A broker that a test runs against. */
export interface TestBroker {
  readonly name: string;
  readonly url: string;
  readonly port: number;
}

export interface KillableBroker extends TestBroker {
  /** SIGKILL: whatever it held in memory is gone. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** aedes inside this process: MQTT 3.1.1. */
export async function startAedes(t: TestContext): Promise<TestBroker> {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => broker.handle(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    broker.close();
  });
  const port = portOf(server.address());
  return { name: 'aedes', url: `mqtt://127.0.0.1:${port}`, port };
}

/** A real mosquitto (Debian package "mosquitto"): MQTT 5 and 3.1.1. `config` lines are added to its file. */
export async function startMosquitto(
  t: TestContext,
  config: readonly string[] = [],
): Promise<KillableBroker> {
  const port = await freePort();
  const file = join(scratchDir(t), 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'persistence false',
    'log_dest none',
    'set_tcp_nodelay true',
    ...config,
  ];
  // As root it would change to the user mosquitto, who cannot read this test's directory.
  if (process.getuid?.() === 0) lines.push('user root');
  if (!config.some((line) => line.startsWith('allow_anonymous'))) lines.push('allow_anonymous true');
  writeFileSync(file, `${lines.join('\n')}\n`);
  let child: ChildProcess | undefined;
  const stop = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  const start = async () => {
    const started = spawn('mosquitto', ['-c', file], { stdio: 'ignore' });
    let failure: Error | undefined;
    started.once('error', (error) => {
      failure = new Error(`cannot start mosquitto (${error.message}): apt-get install mosquitto`);
    });
    child = started;
    await until('mosquitto listens', async () => {
      if (failure) throw failure;
      if (started.exitCode !== null) throw new Error(`mosquitto ended with ${started.exitCode}`);
      return answers(port);
    });
  };
  t.after(stop);
  await start();
  return { name: 'mosquitto', url: `mqtt://127.0.0.1:${port}`, port, kill: stop, restart: start };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server.address());
  server.close();
  await once(server, 'close');
  return port;
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

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (typeof address !== 'object' || address === null) throw new Error('no TCP port');
  return address.port;
}
