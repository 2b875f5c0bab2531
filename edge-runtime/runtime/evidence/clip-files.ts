import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Incident } from '@gatehouse/contracts';
import { errorOf, systemCode, writeDurably } from '@gatehouse/kit';

/** 15 s at 4 Mbit/s are 7.5 MB: 16 GiB hold some 2,200 clips, 70 a day for 30 days. */
const defaults = { maxBytes: 16 * 1024 * 1024 * 1024 };

/**
 * Clips of incidents as MP4 files, as the camera encoded them. They stay on the box: nothing here is ever
 * sent. Drop policy: the newest. Evidence has a term, so a clip stays until retention deletes it with its
 * incident. One clip too many is refused; its incident and stills stay.
 */
export class ClipFiles {
  readonly #folder: string;
  readonly #bounds: typeof defaults;
  constructor(folder: string, bounds: Partial<typeof defaults> = {}) {
    this.#folder = folder;
    this.#bounds = { ...defaults, ...bounds };
  }

  /** Durable when it returns: written aside, synced, renamed. Throws `CLIPS_FULL`. */
  write(incident: string, mp4: Uint8Array): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    this.#makeRoom(mp4.length);
    writeDurably(this.#path(incident), mp4, 0o640);
  }

  /**
   * `undefined` if there is none. The id comes from outside and may be anything: only a UUID becomes a path.
   */
  read(incident: string): Buffer | undefined {
    if (!Incident.shape.id.safeParse(incident).success) return undefined;
    try {
      return readFileSync(this.#path(incident));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  #path(incident: string): string {
    return join(this.#folder, `${incident}.mp4`);
  }

  /** Deletes the clip of an incident that is gone. */
  remove(incident: string): void {
    rmSync(this.#path(incident), { force: true });
  }

  /** Incidents that have a clip here, and the time of its writing (wall-clock milliseconds). */
  incidents(): { id: string; writtenMs: number }[] {
    const names = existsSync(this.#folder) ? readdirSync(this.#folder) : [];
    return names
      .filter((name) => name.endsWith('.mp4'))
      .map((name) => ({ id: name.slice(0, -4), writtenMs: statSync(join(this.#folder, name)).mtimeMs }));
  }

  /** Removes files that a crash left half written. */
  #makeRoom(bytesNeeded: number): void {
    let bytes = bytesNeeded;
    for (const name of readdirSync(this.#folder)) {
      const path = join(this.#folder, name);
      if (name.endsWith('.mp4')) bytes += statSync(path).size;
      else rmSync(path, { force: true });
    }
    if (bytes > this.#bounds.maxBytes) throw errorOf('CLIPS_FULL', { bytes: this.#bounds.maxBytes });
  }
}
