import { type ChildProcess, spawn } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { type Backoff, type Clock, systemCode, type WindowLimit } from '@gatehouse/kit';
import { LineSplitter } from './lines.ts';
import type { LogFile } from './log-file.ts';

/** A program that the supervisor keeps running. */
export interface ProcessSpec {
  /** Name on the terminal and of its log file. */
  readonly name: string;
  /** The program, run on this very Node, and its arguments. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Names of what it is given of the supervisor's own environment besides; all of it, if absent. */
  readonly inherits?: RegExp;
  /** Program and arguments that start it with fewer rights and become it; none, if absent or empty. */
  readonly wall?: readonly string[];
  /** The line of its output that says it is up. */
  readonly ready: RegExp;
}

export interface ManagedProcessOptions {
  readonly clock: Clock;
  readonly backoff: Backoff;
  readonly limit: WindowLimit;
  readonly log: LogFile;
  readonly cwd: string;
  /** From SIGTERM to SIGKILL. */
  readonly stopWithinMs: number;
  /** One short line for people about this process. */
  readonly say: (text: string) => void;
  readonly onLine: (line: string) => void;
}

export type ProcessState = 'stopped' | 'starting' | 'up' | 'waiting' | 'held';

/** A process that ran this long was well: its next failure starts the back-off anew. */
const wellAfterMs = 60_000;
const leash = pathToFileURL(`${import.meta.dirname}/leash.ts`).href;

/**
 * One program, its log, and the answer to its death: restart with back-off, and hold it down in a restart
 * storm.
 */
export class ManagedProcess {
  readonly spec: ProcessSpec;
  readonly #options: ManagedProcessOptions;
  #child: ChildProcess | undefined;
  #state: ProcessState = 'stopped';
  #stopping = false;
  #startedMs = 0;
  #lastComplaint = '';
  #cancelRestart: () => void = () => undefined;
  #settled: () => void = () => undefined;
  #closed: Promise<void> = Promise.resolve();

  constructor(spec: ProcessSpec, options: ManagedProcessOptions) {
    this.spec = spec;
    this.#options = options;
  }

  get state(): ProcessState {
    return this.#state;
  }
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Starts the program; resolves when it is up or has failed for the first time. */
  start(): Promise<void> {
    this.#options.log.open();
    const settled = new Promise<void>((resolve) => {
      this.#settled = resolve;
    });
    this.#launch();
    return settled;
  }

  /** SIGTERM, then SIGKILL to the program and its children; resolves when it is gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#cancelRestart();
    this.#settled();
    const child = this.#child;
    if (child) {
      const cancelKill = this.#options.clock.after(this.#options.stopWithinMs, () => {
        this.#options.say(`did not stop within ${this.#options.stopWithinMs / 1000} s: killed`);
        killGroup(child);
      });
      child.kill('SIGTERM');
      await this.#closed;
      cancelKill();
    }
    this.#state = 'stopped';
    this.#options.log.close();
  }

  #launch(): void {
    const { clock, cwd, log } = this.#options;
    this.#state = 'starting';
    this.#startedMs = clock.monotonicMs();
    this.#lastComplaint = '';
    const { wall = [], args, env, inherits } = this.spec;
    const [program = '', ...rest] = [...wall, process.execPath, '--import', leash, ...args];
    const child = spawn(program, rest, {
      cwd,
      env: { ...inherited(process.env, inherits), ...env },
      // A group of its own: Ctrl+C at the terminal reaches the supervisor only, which stops in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    const out = new LineSplitter((line) => this.#read(line));
    const err = new LineSplitter((line) => {
      if (line.trim()) this.#lastComplaint = line.trim();
      log.write(line);
    });
    child.stdout?.setEncoding('utf8').on('data', (text) => out.push(text));
    child.stderr?.setEncoding('utf8').on('data', (text) => err.push(text));
    // A broken pipe loses its output; its exit event still reports its end.
    for (const stream of [child.stdout, child.stderr]) stream?.on('error', () => undefined);
    child.on('error', (error) => {
      this.#lastComplaint = `cannot be run (${systemCode(error) ?? error.message})`;
    });
    // A process that the program had started holds its output open and must not outlive it.
    child.once('exit', () => killGroup(child));
    this.#closed = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        out.end();
        err.end();
        this.#child = undefined;
        resolve();
        if (!this.#stopping) this.#died(signal ?? `exit code ${code}`);
      });
    });
  }

  #read(line: string): void {
    this.#options.log.write(line);
    this.#options.onLine(line);
    if (this.#state !== 'starting' || !this.spec.ready.test(line)) return;
    this.#state = 'up';
    const tookS = (this.#options.clock.monotonicMs() - this.#startedMs) / 1000;
    this.#options.say(`up (${tookS.toFixed(1)} s)`);
    this.#settled();
  }

  #died(how: string): void {
    const { clock, backoff, limit, log, say } = this.#options;
    const why = this.#lastComplaint ? `: ${this.#lastComplaint}` : '';
    this.#settled();
    if (clock.monotonicMs() - this.#startedMs > wellAfterMs) backoff.reset();
    if (!limit.take()) {
      this.#state = 'held';
      say(
        `died (${how})${why}; HELD DOWN after too many restarts, see ${log.path}, then stop and start again`,
      );
      return;
    }
    const waitMs = backoff.nextMs();
    this.#state = 'waiting';
    say(`died (${how})${why}; restarting in ${(waitMs / 1000).toFixed(1)} s`);
    this.#cancelRestart = clock.after(waitMs, () => this.#launch());
  }
}

function inherited(env: NodeJS.ProcessEnv, names: RegExp | undefined): NodeJS.ProcessEnv {
  return names ? Object.fromEntries(Object.entries(env).filter(([name]) => names.test(name))) : env;
}

/** Kills a detached child's whole process group; nothing left of it is fine. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}
