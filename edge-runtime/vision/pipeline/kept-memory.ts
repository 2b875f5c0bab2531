import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, every, type Log, type Part, systemCode, writeDurablyAsync } from '@gatehouse/kit';

/**
 * Saved at most this often, milliseconds: flash memory wears, and what is found after a save is found anew
 * within 20 s.
 */
export const saveEveryMs = 300_000;
/** A memory is 200 kB at most; a file larger than this is none. */
const mostBytes = 4 * 1024 * 1024;

/** Something that is learned from a camera's pictures and can be kept. */
export interface Memory {
  /** As bytes; `undefined` while there is nothing to keep. */
  save(): Uint8Array | undefined;
  /** Takes up what `save` gave; false if the bytes are not whole. */
  restore(bytes: Uint8Array): boolean;
}

export interface KeptMemoryOptions {
  readonly memory: Memory;
  /** Where it is kept; this camera's and this memory's alone. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps what was learned from one camera's pictures over a restart: the baseline of the static foreground, or
 * what was left behind before it would be learned as if it had always stood there; and the looks of what
 * stands still, or a parked car that the detector does not see would be gone. Saved every few minutes and at
 * the stop: written aside, synced, renamed. Whatever goes wrong with the file costs the memory, which is then
 * learned anew, and not the camera.
 */
export class KeptMemory implements Part {
  readonly #options: KeptMemoryOptions;
  #saving: Promise<void> | undefined;
  #stopTimer: () => void = () => undefined;

  constructor(options: KeptMemoryOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { memory, file, clock, log } = this.#options;
    try {
      const bytes = await readMemory(file);
      if (bytes && !memory.restore(bytes)) log.warn('memory-damaged', { file });
    } catch (error) {
      log.warn('memory-unreadable', { file, error });
    }
    this.#stopTimer = every(clock, saveEveryMs, () => {
      this.#saving ??= this.#save().finally(() => {
        this.#saving = undefined;
      });
    });
  }

  async stop(): Promise<void> {
    this.#stopTimer();
    await this.#saving;
    await this.#save();
  }

  async #save(): Promise<void> {
    const { memory, file, log } = this.#options;
    const bytes = memory.save();
    try {
      if (bytes) await writeMemory(file, bytes);
    } catch (error) {
      log.warn('memory-not-saved', { file, error });
    }
  }
}

async function readMemory(file: string): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(file);
    return size <= mostBytes ? await readFile(file) : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeMemory(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o750 });
  await writeDurablyAsync(file, bytes, 0o640);
}
