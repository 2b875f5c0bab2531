import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { FakeRuntime } from './fake-runtime.ts';

export const mainFile = join(import.meta.dirname, '..', 'main.ts');

/** Waits for a condition of another process; the bound only ends a test that has failed. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 1200; i++) {
    if (await condition()) return;
    await pause(50);
  }
  throw new Error(`not within 60 s: ${what}`);
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The real service as a child process, with a fake runtime, in directories of its own. */
export class FlowsProcess {
  readonly dir = mkdtempSync(join(tmpdir(), 'gf-'));
  readonly runtime = new FakeRuntime(join(this.dir, 'run/runtime/flows/api.sock'));
  readonly socket = join(this.dir, 'run/flows/editor/api.sock');
  readonly apiSocket = join(this.dir, 'run/flows/runtime/api.sock');
  readonly userDir = join(this.dir, 'state/flows');
  output = '';
  env: Record<string, string> = {};
  #child: ChildProcess | undefined;
  #exit: Promise<number | null> = Promise.resolve(null);

  /** Flows to find at the start instead of the ready flow. */
  putFlows(flows: unknown): void {
    mkdirSync(this.userDir, { recursive: true });
    writeFileSync(join(this.userDir, 'flows.json'), JSON.stringify(flows));
  }

  async start(): Promise<void> {
    this.output = '';
    const child = spawn(process.execPath, [mainFile], {
      env: {
        PATH: process.env.PATH,
        GATEHOUSE_STATE_DIR: join(this.dir, 'state'),
        GATEHOUSE_RUN_DIR: join(this.dir, 'run'),
        ...this.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        this.output += chunk;
      });
    this.#exit = once(child, 'exit').then(([code]) => code);
    const started = until('the service starts', () => {
      if (child.exitCode !== null) throw new Error(`flows exited with ${child.exitCode}: ${this.output}`);
      return this.output.includes('"service-started"');
    });
    await started;
  }

  /** Exit code of the process. */
  exited(): Promise<number | null> {
    return this.#exit;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child?.exitCode === null && this.#child.signalCode === null) this.#child.kill(signal);
    return this.#exit;
  }

  async close(): Promise<void> {
    await this.stop('SIGKILL');
    await this.runtime.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** A call of the runtime itself. */
  callApi(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.call(method, path, undefined, body, this.apiSocket);
  }

  call(
    method: string,
    path: string,
    token?: string,
    body?: unknown,
    socketPath = this.socket,
  ): Promise<Answer> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const call = request(
        {
          socketPath,
          method,
          path,
          agent: false,
          headers: {
            ...(token === undefined ? {} : { 'x-gatehouse-editor': token }),
            ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
            accept: 'application/json',
          },
        },
        async (response) => {
          let text = '';
          for await (const chunk of response.setEncoding('utf8')) text += chunk;
          resolve({ status: response.statusCode ?? 0, text });
        },
      );
      call.once('error', reject);
      call.end(payload);
    });
  }

  async state(): Promise<{ connected: boolean; delivered: number; lastIncident?: { id: string } }> {
    return JSON.parse((await this.callApi('GET', '/gatehouse/state')).text);
  }

  /** Flow context as the editor's side bar shows it. */
  async flowContext(tab: string, key: string): Promise<unknown> {
    const { text } = await this.call('GET', `/flows/context/flow/${tab}/${key}`, 'token-installer');
    const { msg, format } = JSON.parse(text);
    if (msg === undefined || format === 'undefined') return undefined;
    return /^string/.test(format) ? msg : JSON.parse(msg);
  }
}
