import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** A start takes 10 ms; past this it has failed, on the busiest machine too. */
const readyMs = 30_000;
/**
 * `2026/11/23 03:00:00 socat[812] E …`: an error, which people are told; it also warns that it ends on a
 * signal.
 */
const trouble = /^\S+ \S+ socat\[\d+\] [EF] /;

/** A pair of joined pseudo-terminals, as a serial cable between `path` and `path`.far; held by one socat. */
export class PtyPair {
  readonly path: string;
  readonly farPath: string;
  #socat: ChildProcess | undefined;

  constructor(path: string) {
    this.path = path;
    this.farPath = `${path}.far`;
  }

  /**
   * Starts socat and waits until it carries bytes. Its names exist a moment earlier, when its ends may still
   * echo: who writes to such an end then can hang socat in the kernel for good. Throws a line that names the
   * Debian package when it is missing.
   */
  async start(): Promise<void> {
    const end = (path: string) => `pty,raw,echo=0,link=${path}`;
    // -d -d: with the notices, of which one says that it carries bytes.
    const socat = spawn('socat', ['-d', '-d', end(this.path), end(this.farPath)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#socat = socat;
    const failed = (reason: string) => new Error(`${reason}: cannot make ${this.path}.`);
    const carries = new Promise<void>((resolve, reject) => {
      socat.once('error', () => reject(new Error('socat is missing: install the Debian package "socat".')));
      socat.once('exit', (code) => reject(failed(`socat ended with ${code}`)));
      createInterface(socat.stderr).on('line', (line) => {
        if (line.includes('starting data transfer loop')) resolve();
        else if (trouble.test(line)) process.stderr.write(`${line}\n`);
      });
    });
    const waited = new AbortController();
    const late = delay(readyMs, undefined, { signal: waited.signal }).then(
      () => Promise.reject(failed(`socat was not ready within ${readyMs} ms`)),
      () => undefined,
    );
    await Promise.race([carries, late]).finally(() => waited.abort());
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
