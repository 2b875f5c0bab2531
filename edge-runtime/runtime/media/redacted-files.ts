import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode, writeDurably } from '@gatehouse/kit';

/** Redacted pictures that wait to be sent, one file an incident; the only pictures that may leave the box. */
export class RedactedFiles {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Durable when it returns: written aside, synced, renamed. */
  write(incident: string, jpeg: Uint8Array): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    writeDurably(this.#path(incident), jpeg, 0o640);
  }

  /** `undefined` if there is none. `incident` is an id of the store, never of a caller. */
  read(incident: string): Buffer | undefined {
    try {
      return readFileSync(this.#path(incident));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  remove(incident: string): void {
    rmSync(this.#path(incident), { force: true });
  }

  /**
   * Removes files of other incidents: half-written ones, and those left by a kill between a file and its row.
   */
  keepOnly(incidents: ReadonlySet<string>): void {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    for (const name of names)
      if (!name.endsWith('.jpg') || !incidents.has(name.slice(0, -4)))
        rmSync(join(this.#folder, name), { force: true });
  }

  /** Incidents that have a picture here, and the time of its writing (wall-clock milliseconds). */
  incidents(): { id: string; writtenMs: number }[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names
      .filter((name) => name.endsWith('.jpg'))
      .map((name) => ({
        id: name.slice(0, -4),
        writtenMs: statSync(join(this.#folder, name)).mtimeMs,
      }));
  }

  #path(incident: string): string {
    return join(this.#folder, `${incident}.jpg`);
  }
}
