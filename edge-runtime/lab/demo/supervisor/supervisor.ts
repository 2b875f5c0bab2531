import { join } from 'node:path';
import {
  Backoff,
  type BackoffOptions,
  type Clock,
  type Part,
  type Random,
  sleep,
  WindowLimit,
} from '@gatehouse/kit';
import { LogFile } from './log-file.ts';
import { ManagedProcess, type ProcessSpec, type ProcessState } from './managed-process.ts';

export interface SupervisorOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Folder of the log files, `<name>.log` each. */
  readonly logDir: string;
  /** Working directory of all processes. */
  readonly cwd: string;
  /** One line for the terminal. */
  readonly say: (name: string, text: string) => void;
  /** Every line of a process's standard output. */
  readonly onLine?: (name: string, line: string) => void;
  readonly restart?: BackoffOptions;
  /** From SIGTERM to SIGKILL; default 5000. */
  readonly stopWithinMs?: number;
}

/** The next process is started when this one is up, has failed, or has taken this long. */
const patienceMs = 20_000;
/** The breaker of a restart storm: one restart more within this time, and the process is held down. */
const most = { restarts: 5, withinMs: 60_000 };

/**
 * Keeps a table of processes running: starts them in order, restarts those that die, stops them in reverse
 * order.
 */
export class Supervisor implements Part {
  readonly #options: SupervisorOptions;
  readonly #processes: readonly ManagedProcess[];
  readonly #started: ManagedProcess[] = [];
  #stopping = false;

  constructor(specs: readonly ProcessSpec[], options: SupervisorOptions) {
    this.#options = options;
    this.#processes = specs.map((spec) => this.#manage(spec));
  }

  /** The state of each process, by name. */
  states(): Record<string, ProcessState> {
    return Object.fromEntries(this.#processes.map(({ spec, state }) => [spec.name, state]));
  }
  /** The process ids of what runs now, by name. */
  pids(): Record<string, number> {
    return Object.fromEntries(
      this.#processes.flatMap(({ spec, pid }) => (pid === undefined ? [] : [[spec.name, pid]])),
    );
  }

  async start(signal: AbortSignal): Promise<void> {
    const { clock, say } = this.#options;
    for (const managed of this.#processes) {
      if (signal.aborted || this.#stopping) return;
      this.#started.push(managed);
      const patience = new AbortController();
      const settled = managed.start().then(() => true);
      const late = sleep(clock, patienceMs, AbortSignal.any([signal, patience.signal])).then(() => false);
      const inTime = await Promise.race([settled, late]);
      patience.abort();
      if (!inTime && !signal.aborted) say(managed.spec.name, `not up after ${patienceMs / 1000} s; going on`);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const managed of this.#started.splice(0).toReversed()) {
      await managed.stop();
      this.#options.say(managed.spec.name, 'stopped');
    }
  }

  #manage(spec: ProcessSpec): ManagedProcess {
    const { clock, random, logDir, cwd, say, onLine, restart, stopWithinMs = 5_000 } = this.#options;
    return new ManagedProcess(spec, {
      clock,
      backoff: new Backoff(restart ?? { firstMs: 500, capMs: 10_000 }, random),
      limit: new WindowLimit(most.restarts, most.withinMs, clock),
      log: new LogFile(join(logDir, `${spec.name}.log`)),
      cwd,
      stopWithinMs,
      say: (text) => say(spec.name, text),
      onLine: (line) => onLine?.(spec.name, line),
    });
  }
}
