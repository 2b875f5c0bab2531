import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { nodeFlagsOf } from '../../demo/process-table.ts';
import { arrivedCount, type Balance, judge, waiting } from './oracle.ts';
import { cameraYaml, MatrixDrivers, MatrixVision, witness } from './sources.ts';

const root = join(import.meta.dirname, '../../..');
export const victims = ['runtime', 'sync', 'receiver', 'broker'] as const;
export type Victim = (typeof victims)[number];

/** A real process that can be killed and started again. */
class Victimised {
  readonly #command: readonly [string, ...string[]];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  constructor(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
    this.#command = command;
    this.#env = env;
  }
  start(): void {
    const [file, ...args] = this.#command;
    this.#child = spawn(file, args, { env: this.#env, stdio: 'ignore' });
  }
  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }
}

export interface ChainOptions {
  /** Environment of the box's services and the receiver besides their own. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where the receiver finds the broker, if not at its own port. */
  readonly receiverPort?: (brokerPort: number) => Promise<number>;
}

/** A whole chain, each its own process: simulated sources -> runtime -> sync -> mosquitto -> receiver. */
export class Chain {
  readonly folder = mkdtempSync(join(tmpdir(), 'gh-lm-'));
  readonly boxFolder = join(this.folder, 'box');
  readonly platformFolder = join(this.folder, 'platform');
  readonly boxFile = join(this.boxFolder, 'events.db');
  readonly platformFile = join(this.platformFolder, 'receiver.db');
  readonly #vision = new MatrixVision();
  readonly #drivers = new MatrixDrivers();
  readonly #witnessed = new Set<string>();
  readonly #abort = new AbortController();
  readonly #options: ChainOptions;
  #processes: Readonly<Record<Victim, Victimised>> | undefined;
  #port = 0;
  #feeding: Promise<void> = Promise.resolve();
  #feed = true;

  constructor(options: ChainOptions = {}) {
    this.#options = options;
    mkdirSync(this.boxFolder);
    mkdirSync(this.platformFolder);
  }

  async start(): Promise<void> {
    this.#port = await freePort();
    const port = this.#port;
    const conf = join(this.folder, 'mosquitto.conf');
    const lines = [
      `listener ${port} 127.0.0.1`,
      'allow_anonymous true',
      'persistence false',
      'set_tcp_nodelay true',
      'log_dest none',
    ];
    if (process.getuid?.() === 0) lines.push('user root');
    writeFileSync(conf, `${lines.join('\n')}\n`);
    const site = join(this.folder, 'site.yaml');
    writeFileSync(
      site,
      `version: 1\nsite: { id: matrix, name: { zh-CN: 测试, en: Matrix } }\nbox: { id: matrix }\n${cameraYaml}uplink: { url: "mqtt://127.0.0.1:${port}", window: 20, ackTimeoutS: 1 }\n`,
    );
    const own = {
      GATEHOUSE_SITE: site,
      GATEHOUSE_STATE_DIR: this.boxFolder,
      GATEHOUSE_RUN_DIR: join(this.folder, 'run'),
      GATEHOUSE_CONSOLE_PORT: '0',
    };
    const env = { ...process.env, ...this.#options.env, ...own };
    const service = (main: string, ...args: string[]) =>
      new Victimised([process.execPath, ...nodeFlagsOf(main), join(root, main), ...args], env);
    const receiverPort = (await this.#options.receiverPort?.(port)) ?? port;
    this.#processes = {
      broker: new Victimised(['mosquitto', '-c', conf], process.env),
      receiver: service(
        'sync-agent/receiver/main.ts',
        '--url',
        `mqtt://127.0.0.1:${receiverPort}`,
        '--db',
        this.platformFile,
      ),
      runtime: service('edge-runtime/main.ts'),
      sync: service('sync-agent/main.ts'),
    };
    await this.#vision.listen(env);
    await this.#drivers.listen(env);
    void witness(env, this.#witnessed, this.#abort.signal);
    await this.restart('broker');
    for (const victim of ['receiver', 'runtime', 'sync'] as const) await this.restart(victim);
    this.#feeding = this.#feedOn();
    await this.progress(120_000);
  }

  async kill(victim: Victim): Promise<void> {
    await this.#processes?.[victim].end('SIGKILL');
  }

  async restart(victim: Victim): Promise<void> {
    this.#processes?.[victim].start();
    while (victim === 'broker' && !(await answers(this.#port))) await wait(10);
  }

  /** Waits until the platform has taken something in since this was called. */
  async progress(limitMs: number): Promise<void> {
    const before = arrivedCount(this.platformFile);
    for (let leftMs = limitMs; arrivedCount(this.platformFile) <= before; leftMs -= 50) {
      if (leftMs < 0) throw new Error(`nothing arrived for ${limitMs} ms (${this.folder})`);
      await wait(50);
    }
  }

  /** No more new events; waits until the outbox is empty, stops everything and judges. */
  async finish(): Promise<Balance> {
    this.#feed = false;
    await this.#feeding;
    const runtime = this.#processes?.runtime;
    for (let tries = 0; tries < 10; tries++) {
      await this.#quiet(tries);
      await runtime?.end('SIGTERM');
      if (waiting(this.boxFile) === 0) break;
      runtime?.start();
    }
    await this.stop();
    return judge(this.boxFile, this.platformFile, {
      witnessed: this.#witnessed,
      devices: this.#drivers.acknowledged,
    });
  }

  /** Waits until nothing has arrived for some time: longer each time, for a link that was lost often backs off by up to 30 s. */
  async #quiet(tries: number): Promise<void> {
    for (
      let before = -1, now = arrivedCount(this.platformFile);
      now !== before;
      now = arrivedCount(this.platformFile)
    ) {
      before = now;
      await wait(3000 + tries * 5000);
    }
  }

  async stop(): Promise<void> {
    this.#feed = false;
    await this.#feeding;
    this.#abort.abort();
    for (const victim of victims)
      await this.#processes?.[victim].end(victim === 'broker' ? 'SIGKILL' : 'SIGTERM');
    await this.#vision.close();
    await this.#drivers.close();
  }

  cleanUp(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** About 20 incident changes and 10 device events a second. */
  async #feedOn(): Promise<void> {
    for (let n = 0; this.#feed; n++) {
      this.#vision.next();
      if (n % 2 === 0) this.#drivers.next();
      await wait(50);
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
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
