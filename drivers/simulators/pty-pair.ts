import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from './now.ts';

/** A pair of joined pseudo-terminals, as a serial cable between `path` and `path`.far; held by one socat. */
export class PtyPair {
  readonly path: string;
  readonly farPath: string;
  #socat: ChildProcess | undefined;

  constructor(path: string) {
    this.path = path;
    this.farPath = `${path}.far`;
  }

  /** Starts socat and waits until both ends exist; throws a line that names the Debian package when it is missing. */
  async start(): Promise<void> {
    const end = (path: string) => `pty,raw,echo=0,link=${path}`;
    const socat = spawn('socat', [end(this.path), end(this.farPath)], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#socat = socat;
    const failure: { reason?: string } = {};
    socat.once('error', () => {
      failure.reason = 'socat is missing: install the Debian package "socat".';
    });
    socat.once('exit', (code) => {
      failure.reason ??= `socat ended with ${code}: cannot make ${this.path}.`;
    });
    const deadlineMs = nowMs() + 5000;
    while (!(existsSync(this.path) && existsSync(this.farPath))) {
      if (failure.reason) throw new Error(failure.reason);
      if (nowMs() > deadlineMs) throw new Error(`socat did not make ${this.path} within 5 s.`);
      await delay(10);
    }
  }

  async stop(): Promise<void> {
    const socat = this.#socat;
    this.#socat = undefined;
    if (!socat || socat.exitCode !== null || socat.signalCode !== null) return;
    const gone = new Promise((resolve) => socat.once('exit', resolve));
    socat.kill('SIGTERM');
    await gone;
  }
}
