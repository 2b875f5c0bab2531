import { readFileSync, rmSync } from 'node:fs';
import { type Log, type StreamCursor, systemCode, writeDurably } from '@gatehouse/kit';

/** Stream ids are sequence numbers; anything else in the file is damage. */
const wellFormed = /^[0-9]{1,20}$/;

/** A cursor in a file. If the disk refuses it, the position is kept in memory and the log says so. */
export class FileCursor implements StreamCursor {
  readonly #path: string;
  readonly #log: Log;
  #loaded = false;
  #id: string | undefined;
  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  read(): string | undefined {
    if (!this.#loaded) this.#id = this.#load();
    this.#loaded = true;
    return this.#id;
  }

  write(id: string): void {
    if (id === this.read() || !wellFormed.test(id)) return;
    this.#id = id;
    try {
      writeDurably(this.#path, id, 0o600);
    } catch (error) {
      this.#log.error('incident-cursor-not-saved', { id, error });
    }
  }

  forget(): void {
    this.#id = undefined;
    rmSync(this.#path, { force: true });
  }

  #load(): string | undefined {
    try {
      const text = readFileSync(this.#path, 'utf8').trim();
      if (wellFormed.test(text)) return text;
      this.#log.error('incident-cursor-damaged', { path: this.#path });
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') this.#log.error('incident-cursor-unreadable', { error });
    }
    return undefined;
  }
}
