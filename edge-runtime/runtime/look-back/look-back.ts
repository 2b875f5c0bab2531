import type { Camera, CameraView } from '@gatehouse/contracts';
import type { EngineOptions } from '@gatehouse/incidents';
import { type Clock, errorOf, type Part } from '@gatehouse/kit';
import type { StoredSegment, TrackStore } from '@gatehouse/store';
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
/**
 * The store keeps 24 h and the segments that these end in. What lies farther from the newest frame by the
 * wall clock was recorded before the clock was set: a slider over 56 years would be of no use.
 */
const reachMs = 25 * 3_600_000;

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

  /** From the oldest stored frame of a camera that one can look back to, to the newest; wall clock, ms. */
  stored(camera: string): CameraView['stored'] {
    const all = this.#options.tracks.segments(camera).map(onWall);
    const newest = all.at(-1);
    if (!newest) return undefined;
    const { toMs } = newest;
    const reached = all.filter(({ fromMs }) => fromMs <= toMs && toMs - fromMs <= reachMs);
    return { fromMs: Math.min(...reached.map(({ fromMs }) => fromMs)), toMs };
  }

  /**
   * The view of a moment of the box's wall clock, ms. Where the clock was set back, so that two stretches
   * have the same time of day, it is of the later. Throws `LOOK_BACK_BUSY`.
   */
  async at(camera: Camera, atMs: number): Promise<CameraView> {
    if (this.#running >= maxThreads) throw errorOf('LOOK_BACK_BUSY');
    const { tracks, calendar, clock } = this.#options;
    const segment = holding(tracks.segments(camera.id, 0, atMs), atMs);
    const stored = this.stored(camera.id);
    this.#running++;
    try {
      const files = segment ? [segment.file] : [];
      const frameMs = atMs - (segment?.wallOffsetMs ?? 0);
      const task = { type: 'moment', camera, calendar, files, atMs: frameMs } as const;
      const { view } = await inThread(task, { clock, signal: this.#abort.signal });
      return stored ? { ...view, stored } : view;
    } finally {
      this.#running--;
    }
  }
}

/** The span of a segment by the box's wall clock, ms. */
function onWall({ fromMs, toMs, wallOffsetMs }: StoredSegment) {
  return { fromMs: fromMs + wallOffsetMs, toMs: toMs + wallOffsetMs };
}

/**
 * Of segments that begin before a moment the last that holds it. If none does, the one that ended last before
 * it: nothing later was stored up to the moment.
 */
function holding(begun: readonly StoredSegment[], atMs: number): StoredSegment | undefined {
  const holds = begun.findLast((segment) => onWall(segment).toMs >= atMs);
  return holds ?? begun.toSorted((a, b) => onWall(a).toMs - onWall(b).toMs).at(-1);
}
