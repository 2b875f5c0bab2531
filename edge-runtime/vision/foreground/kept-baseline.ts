import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Clock, every, type Log, type Part, systemCode, writeDurablyAsync } from '@gatehouse/kit';
import type { StaticForeground } from './static-foreground.ts';

/**
 * Saved at most this often, milliseconds: flash memory wears, and what is found after a save is found anew
 * within 20 s.
 */
export const saveEveryMs = 300_000;
/** A baseline is about 200 kB; a file larger than this is none. */
const mostBytes = 4 * 1024 * 1024;

export interface KeptBaselineOptions {
  readonly foreground: Pick<StaticForeground, 'save' | 'restore'>;
  /** Where it is kept; this camera's alone. */
  readonly file: string;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Keeps one camera's static-foreground baseline over a restart, or what was left behind before it would be
 * learned as if it had always stood there. Saved every few minutes and at the stop: written aside, synced,
 * renamed. Whatever goes wrong with the file costs the baseline, which is then learned anew, and not the
 * camera.
 */
export class KeptBaseline implements Part {
  readonly #options: KeptBaselineOptions;
  #saving: Promise<void> | undefined;
  #stopTimer: () => void = () => undefined;

  constructor(options: KeptBaselineOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { foreground, file, clock, log } = this.#options;
    try {
      const bytes = await readBaseline(file);
      if (bytes && !foreground.restore(bytes)) log.warn('baseline-damaged', { file });
    } catch (error) {
      log.warn('baseline-unreadable', { file, error });
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
    const { foreground, file, log } = this.#options;
    const bytes = foreground.save();
    try {
      if (bytes) await writeBaseline(file, bytes);
    } catch (error) {
      log.warn('baseline-not-saved', { file, error });
    }
  }
}

async function readBaseline(file: string): Promise<Buffer | undefined> {
  try {
    const { size } = await stat(file);
    return size <= mostBytes ? await readFile(file) : undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function writeBaseline(file: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o750 });
  await writeDurablyAsync(file, bytes, 0o640);
}
