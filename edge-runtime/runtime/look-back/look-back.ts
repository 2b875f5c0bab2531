import type { Camera, CameraView } from '@gatehouse/contracts';
import type { EngineOptions } from '@gatehouse/incidents';
import { type Clock, errorOf, type Part } from '@gatehouse/kit';
import type { TrackStore } from '@gatehouse/store';
import { inThread } from './thread.ts';

export interface LookBackOptions {
  readonly tracks: TrackStore;
  readonly calendar: EngineOptions;
  readonly clock: Clock;
}

/**
 * Threads that look back at once; a further question is refused, not queued: its asker would have moved on by
 * then.
 */
const maxThreads = 2;

/** Shows the rules' view of a moment of the last 24 h, and why they raised an incident or not. */
export class LookBack implements Part {
  readonly #options: LookBackOptions;
  #abort = new AbortController();
  #running = 0;
  constructor(options: LookBackOptions) {
    this.#options = options;
  }
  start(): void {
    this.#abort = new AbortController();
  }
  stop(): void {
    this.#abort.abort(new Error('the service stops'));
  }

  /** From the oldest stored frame of a camera to the newest, ms on the frame timeline. */
  stored(camera: string): CameraView['stored'] {
    const all = this.#options.tracks.segments(camera, 0, Number.MAX_SAFE_INTEGER);
    const [first] = all;
    return first && { fromMs: first.fromMs, toMs: Math.max(...all.map(({ toMs }) => toMs)) };
  }

  /** Throws `LOOK_BACK_BUSY`. */
  async at(camera: Camera, atMs: number): Promise<CameraView> {
    if (this.#running >= maxThreads) throw errorOf('LOOK_BACK_BUSY');
    const { tracks, calendar, clock } = this.#options;
    // The last segment that begins before the moment: nothing later was stored up to the moment.
    const files = tracks
      .segments(camera.id, 0, atMs)
      .slice(-1)
      .map(({ file }) => file);
    const stored = this.stored(camera.id);
    this.#running++;
    try {
      const task = { type: 'moment', camera, calendar, files, atMs } as const;
      const { view } = await inThread(task, { clock, signal: this.#abort.signal });
      return stored ? { ...view, stored } : view;
    } finally {
      this.#running--;
    }
  }
}
