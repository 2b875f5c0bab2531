import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Incident } from '@gatehouse/contracts';
import { systemCode, writeDurably } from '@gatehouse/kit';

export type StillName = Incident['stills'][number];

/**
 * Stills of incidents as JPEG files, one folder an incident. They stay on the box: nothing here is ever sent.
 * Only vision's redacted copy of one may leave (`MediaRedaction`).
 */
export class StillFiles {
  readonly #folder: string;
  constructor(folder: string) {
    this.#folder = folder;
  }
  /** Durable when it returns: written aside, synced, renamed. */
  write(incident: string, name: StillName, jpeg: Uint8Array): void {
    const folder = join(this.#folder, incident);
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    writeDurably(join(folder, `${name}.jpg`), jpeg, 0o640);
  }
  /**
   * `undefined` if there is none. The id comes from outside and may be anything: only a UUID becomes a path.
   */
  read(incident: string, name: StillName): Buffer | undefined {
    if (!Incident.shape.id.safeParse(incident).success) return undefined;
    try {
      return readFileSync(join(this.#folder, incident, `${name}.jpg`));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }
  /** Deletes the stills of an incident that is gone. */
  remove(incident: string): void {
    rmSync(join(this.#folder, incident), { recursive: true, force: true });
  }
  /** Incidents that have stills here, and the time of the newest (wall-clock milliseconds). */
  incidents(): { id: string; writtenMs: number }[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names.map((id) => ({ id, writtenMs: statSync(join(this.#folder, id)).mtimeMs }));
  }
}
