import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const packageDir = fileURLToPath(new URL('../../', import.meta.url));

/** A real service process of this package; killed after the test at the latest. */
export class ServiceChild {
  readonly #main: string;
  readonly #args: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;
  output = '';

  private constructor(main: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#main = main;
    this.#args = args;
    this.#env = env;
  }

  static start(t: TestContext, main: string, args: readonly string[], env: NodeJS.ProcessEnv): ServiceChild {
    const service = new ServiceChild(main, args, env);
    service.start();
    t.after(() => service.kill());
    return service;
  }

  start(): void {
    const child = spawn(process.execPath, [`${packageDir}${this.#main}`, ...this.#args], {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString('utf8')).slice(-65_536);
      });
    this.#child = child;
  }

  /** SIGKILL, and wait until it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Sends a signal, waits for the end and returns the exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    }
    return child.exitCode;
  }

  /** Waits until it ends by itself. */
  async exited(): Promise<number | null> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child?.exitCode ?? null;
  }
}
