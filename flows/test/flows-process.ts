import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program } from '@gatehouse/harness';
import { FakeRuntime } from './fake-runtime.ts';

export const mainFile = join(import.meta.dirname, '..', 'main.ts');

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
  env: Record<string, string> = {};
  #program: Program | undefined;

  get output(): string {
    return this.#program?.output ?? '';
  }

  /** Flows to find at the start instead of the ready flow. */
  putFlows(flows: unknown): void {
    mkdirSync(this.userDir, { recursive: true });
    writeFileSync(join(this.userDir, 'flows.json'), JSON.stringify(flows));
  }

  async start(): Promise<void> {
    const env = {
      PATH: process.env.PATH,
      GATEHOUSE_STATE_DIR: join(this.dir, 'state'),
      GATEHOUSE_RUN_DIR: join(this.dir, 'run'),
      ...this.env,
    };
    this.#program = Program.ofNode([mainFile], { env }).start();
    await this.#program.said(/"service-started"/);
  }

  /** Exit code of the process. */
  exited(): Promise<number | null> {
    return this.#program?.exited() ?? Promise.resolve(null);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return this.#program?.end(signal) ?? null;
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
