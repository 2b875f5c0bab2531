import { existsSync, rmSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { systemCode, writeDurably } from '@gatehouse/kit';

/** 8 MiB are some 10,000 alarms: hours of a very bad night. */
const wantedBytes = 8 * 1024 * 1024;
/**
 * On a tiny disk the reserve is a sixteenth of the free room, and below this there is none: it would be taken
 * from the events.
 */
const leastBytes = 256 * 1024;
const shareOfFree = 1 / 16;

/**
 * A file that holds room and is deleted when the disk is full. Then that fact, and alarms for a while, can
 * still be written.
 */
export class ReserveFile {
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }

  get held(): boolean {
    return existsSync(this.#path);
  }

  /**
   * Takes room if there is plenty: real blocks, written and synced (a sparse file would hold nothing). True
   * if the reserve is there or the disk is too small to have one.
   */
  hold(): boolean {
    if (this.held) return true;
    const { bavail, bsize, blocks } = statfsSync(dirname(this.#path));
    const bytes = Math.min(wantedBytes, Math.floor(bavail * bsize * shareOfFree));
    if (bytes < leastBytes) return blocks * bsize * shareOfFree < leastBytes;
    try {
      writeDurably(this.#path, Buffer.alloc(bytes, 0x5a), 0o640);
      return true;
    } catch (error) {
      if (systemCode(error) === undefined) throw error;
      return false;
    }
  }

  /** Gives the room back to the disk; true if there was any. */
  release(): boolean {
    if (!this.held) return false;
    rmSync(this.#path, { force: true });
    return true;
  }
}
