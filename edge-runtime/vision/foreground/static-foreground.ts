import type { Point, Track } from '@gatehouse/contracts';
import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import type { LeftObject } from './found-objects.ts';
import { gridOf } from './grid.ts';
import { Scene, type Watched } from './scene.ts';
import { packSnapshot, type Snapshot, unpackSnapshot } from './snapshot.ts';

export interface StaticForegroundOptions {
  /**
   * Zones whose rules count objects, polygons in fractions of the picture; nothing outside them is reported.
   */
  readonly zones: readonly (readonly Point[])[];
  /** Zones of which a thing need not cover 30 %: one cell of it in the zone is enough. */
  readonly corridors?: readonly (readonly Point[])[];
  /** How long a thing must have been bare and unchanged before it is an object, milliseconds. */
  readonly stillAfterMs?: number;
}

const defaultStillAfterMs = 15_000;
/**
 * A kept baseline that is older than this says nothing of today: the season's light, what was built.
 * Milliseconds.
 */
const keptForMs = 24 * 3_600_000;
/**
 * A kept baseline is held against the picture after so long, milliseconds: before that things may just be
 * passing.
 */
const trialMs = 3_000;
/**
 * Object ids start above any that the tracker gives out in a run, so that the two share one list of tracks.
 */
const firstId = 1_000_000_000;

/**
 * Finds unknown things that were left behind: cells that differ from a long-term baseline, agree with a
 * short-term one for seconds, and are not hidden by anything detected. Blobs of them are judged by shape,
 * edges and colour, so that light and shade, departed vehicles and moving leaves are none. Pure: its state is
 * its input so far, all of it by frame time; memory is bounded by the number of cells. The baseline follows
 * light only; what stands in it is given up by `retakeBaseline`, which is for a person to call.
 */
export class StaticForeground {
  readonly #options: Required<StaticForegroundOptions>;
  #scene: Scene | undefined;
  #waiting: Snapshot | undefined;
  /** Until when a kept baseline is on trial, frame time. */
  #trialUntilMs: number | undefined;
  #nextId = firstId;

  constructor(options: StaticForegroundOptions) {
    this.#options = { stillAfterMs: defaultStillAfterMs, corridors: [], ...options };
  }

  /**
   * Takes one frame in and says which objects are there, by rising id. A frame that is not newer than the
   * last changes nothing.
   * @param frame planes at the shape `input`
   * @param tracks everything detected and followed in that frame
   * @param atMs the frame's own time
   */
  step(frame: DetectorFrame, input: InputShape, tracks: readonly Track[], atMs: number): LeftObject[] {
    const { zones, corridors, stillAfterMs } = this.#options;
    const grid = gridOf(input, { width: frame.sourceWidth, height: frame.sourceHeight });
    const newScene = () => new Scene({ grid, zones, corridors, stillAfterMs, newId: () => this.#nextId++ });
    if (!this.#scene?.fits(grid)) {
      this.#scene = newScene();
      this.#restoreScene(this.#scene, atMs);
    }
    this.#scene.step(grid, frame.planes, tracks, atMs);
    if (this.#fails(this.#scene, atMs)) this.#scene = newScene();
    return this.#scene.objects.list;
  }

  /** Why (not): every blob that was looked at in the last frame. */
  get watched(): readonly Watched[] {
    return this.#scene?.watched ?? [];
  }

  /** A person has looked at the picture and says that nothing in it is left behind: all is learned anew. */
  retakeBaseline(): void {
    this.#scene = undefined;
    this.#waiting = undefined;
    this.#trialUntilMs = undefined;
  }

  /**
   * Baseline and objects as bytes (about 200 kB), to be kept over a restart; `undefined` before the first
   * frame.
   */
  save(): Uint8Array | undefined {
    return this.#scene && packSnapshot(this.#scene.save());
  }

  /**
   * Takes up what `save` gave; false if the bytes are not whole, and then all is learned anew. Call before
   * the first frame, which drops what is of another size or over a day old; what turns out within seconds to
   * be of another view is dropped then.
   */
  restore(bytes: Uint8Array): boolean {
    this.#waiting = unpackSnapshot(bytes);
    return this.#waiting !== undefined;
  }

  #restoreScene(scene: Scene, atMs: number): void {
    const saved = this.#waiting;
    this.#waiting = undefined;
    if (!saved || atMs < saved.atMs || atMs - saved.atMs > keptForMs || !scene.restore(saved)) return;
    this.#trialUntilMs = atMs + trialMs;
    for (const { id } of saved.objects) this.#nextId = Math.max(this.#nextId, id + 1);
  }

  /**
   * Whether a kept baseline has turned out to be of another view: the camera was turned while nobody watched.
   */
  #fails(scene: Scene, atMs: number): boolean {
    if (this.#trialUntilMs === undefined || atMs < this.#trialUntilMs) return false;
    this.#trialUntilMs = undefined;
    return !scene.sameView;
  }
}
