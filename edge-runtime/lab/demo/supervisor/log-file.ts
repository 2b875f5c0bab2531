import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A log file of at most `maxBytes`, with one predecessor beside it (`.1`). Readable by its owner only: it
 * holds set-up codes. Drop policy on a full disk: lines are dropped and counted, the service runs on.
 */
export class LogFile {
  readonly path: string;
  readonly #maxBytes: number;
  #fd: number | undefined;
  #size = 0;
  #dropped = 0;
  constructor(path: string, maxBytes = 4 * 1024 * 1024) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }
  get dropped(): number {
    return this.#dropped;
  }

  open(): void {
    mkdirSync(dirname(this.path), { recursive: true });
    this.#fd = openSync(this.path, 'a', 0o600);
    this.#size = fstatSync(this.#fd).size;
  }

  /** Appends one line; the end of line is added. */
  write(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (this.#size + bytes.length > this.#maxBytes) this.#rotate();
      if (this.#fd === undefined) throw new Error('not open');
      writeSync(this.#fd, bytes);
      this.#size += bytes.length;
    } catch {
      this.#dropped++;
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  #rotate(): void {
    this.close();
    renameSync(this.path, `${this.path}.1`);
    this.open();
  }
}
