import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Patience, until } from './until.ts';

/** Most that is kept of what a program has said; the oldest goes first. */
const keptCharacters = 256 * 1024;

export interface ProgramOptions {
  /** The whole environment; that of this process if absent. */
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Use of its standard output; kept if absent. Measured programs are not held up by a reader. */
  readonly log?: 'kept' | 'ignored';
  /** Use of its standard error; kept if absent. */
  readonly errors?: 'kept' | 'shown';
}

/** True if a process has ended, by itself or by a signal. */
export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

/** Sends a signal to a process and waits until it has ended, however it does. */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (hasEnded(child)) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** A process that can be killed and started again. */
export class Program {
  readonly #command: readonly [string, ...string[]];
  readonly #options: ProgramOptions;
  #child: ChildProcess | undefined;
  #failure: Error | undefined;
  /** Its output since it was started last. */
  output = '';

  constructor(command: readonly [string, ...string[]], options: ProgramOptions = {}) {
    this.#command = command;
    this.#options = options;
  }

  /** A script on this Node; `args` begin with Node's own flags, if there are any, and the script's path. */
  static ofNode(args: readonly string[], options: ProgramOptions = {}): Program {
    return new Program([process.execPath, ...args], options);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** True if it runs no more, or never did. */
  get ended(): boolean {
    return this.#child === undefined || this.#failure !== undefined || hasEnded(this.#child);
  }

  start(): this {
    const [file, ...args] = this.#command;
    const { env, cwd, log, errors } = this.#options;
    const stdio: StdioOptions = [
      'ignore',
      log === 'ignored' ? 'ignore' : 'pipe',
      errors === 'shown' ? 'inherit' : 'pipe',
    ];
    const child = spawn(file, args, { env, cwd, stdio });
    this.output = '';
    this.#failure = undefined;
    child.on('error', (error) => {
      if (this.#child === child) this.#failure = error;
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        // The last words of one that was killed are not the new one's.
        if (this.#child === child) this.output = (this.output + text).slice(-keptCharacters);
      });
    this.#child = child;
    return this;
  }

  /** Waits until its output matches, and returns the match. Rejects if it ends before, with its output. */
  said(pattern: RegExp, patience?: Patience): Promise<RegExpExecArray> {
    return this.until(`${this.#name} says ${pattern}`, () => pattern.exec(this.output), patience);
  }

  /** As the function of this name, but rejects at once if the program ends meanwhile. */
  until<T>(what: string, probe: () => T | Promise<T>, patience?: Patience) {
    const probeOfRunning = () => {
      if (this.#failure) throw new Error(`cannot start ${this.#name}: ${this.#failure.message}`);
      if (this.ended) throw new Error(`${this.#name} ended: ${this.output}`);
      return probe();
    };
    return until(what, probeOfRunning, patience);
  }

  /** Sends a signal, waits for the end and returns the exit code; `null` if a signal ended it. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#child && !this.ended) await endProcess(this.#child, signal);
    return this.#child?.exitCode ?? null;
  }

  /** Ends it as a power cut would. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** Waits until it ends; returns the exit code. */
  async exited(): Promise<number | null> {
    if (this.#child && !this.ended) await once(this.#child, 'exit');
    return this.#child?.exitCode ?? null;
  }

  get #name(): string {
    return this.#command.join(' ');
  }
}
