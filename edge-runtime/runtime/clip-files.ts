import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Incident } from '@gatehouse/contracts';
import { systemCode } from '@gatehouse/kit';

/** Most clips, and most bytes of them together: 15 s at 4 Mbit/s are 7.5 MB, so either holds some weeks of incidents. */
const defaults = { maxCount: 500, maxBytes: 4 * 1024 * 1024 * 1024 };

/**
 * Clips of incidents as MP4 files, as the camera encoded them. They stay on the box: nothing here is ever sent. Drop policy: the
 * oldest clip goes first, by count and by bytes; its incident and stills stay.
 */
export class ClipFiles {
  readonly #folder: string;
  readonly #bounds: typeof defaults;
  constructor(folder: string, bounds: Partial<typeof defaults> = {}) {
    this.#folder = folder;
    this.#bounds = { ...defaults, ...bounds };
  }

  /** Durable when it returns: written aside, synced, renamed. */
  write(incident: string, mp4: Uint8Array): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o750 });
    this.#makeRoom(mp4.length);
    const aside = join(this.#folder, `.${incident}-${randomUUID()}`);
    const file = openSync(aside, 'wx', 0o640);
    try {
      for (let at = 0; at < mp4.length; ) at += writeSync(file, mp4, at);
      fsyncSync(file);
    } catch (error) {
      rmSync(aside, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    renameSync(aside, this.#path(incident));
  }

  /** `undefined` if there is none. The id comes from outside and may be anything: only a UUID becomes a path. */
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

  /** What a crash left half written goes, too. */
  #makeRoom(bytesNeeded: number): void {
    const { maxCount, maxBytes } = this.#bounds;
    const all = readdirSync(this.#folder).map((name) => {
      const { size, mtimeMs } = statSync(join(this.#folder, name));
      return { name, size, mtimeMs };
    });
    const clips = all.filter(({ name }) => name.endsWith('.mp4')).sort((a, b) => a.mtimeMs - b.mtimeMs);
    let bytes = clips.reduce((sum, { size }) => sum + size, bytesNeeded);
    let count = clips.length + 1;
    const dropped = all.filter(({ name }) => !name.endsWith('.mp4'));
    for (const clip of clips) {
      if (count <= maxCount && bytes <= maxBytes) break;
      dropped.push(clip);
      bytes -= clip.size;
      count--;
    }
    for (const { name } of dropped) rmSync(join(this.#folder, name), { force: true });
  }
}
