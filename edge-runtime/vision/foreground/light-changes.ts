import type { Blob } from './blobs.ts';

/** This part of all cells changes at once. */
const upsetPart = 0.4;
/** New foreground beside its largest blob lies scattered over this part of the picture, or all of it covers that part. */
const scatteredPart = 0.06;
const coveredPart = 0.3;
/** New is what changed within this time. */
const newWithinMs = 15_000;
/** After a change nothing is judged for this long; what one that lasts has left is taken in after this long. */
const steadyAfterMs = 3_000;
const takeInAfterMs = 5_000;

export interface LightEvidence {
  readonly atMs: number;
  /** Part of the cells that changed in this frame. */
  readonly changed: number;
  /** Static foreground that belongs to no object, largest first. */
  readonly blobs: readonly Blob[];
  /** Since when each cell has been bare and unchanged. */
  readonly quietMs: Float64Array;
  readonly cells: number;
}

/**
 * Notices that the light of the whole picture changes in a way that no tone curve undoes (the sun comes out, lamps go on, the
 * camera was knocked): much of the picture differs at once, in many places. Nobody leaves things in many places at once.
 */
export class LightChanges {
  #upsetMs = Number.NEGATIVE_INFINITY;
  #sinceMs: number | undefined;

  /** Whether things can be judged at present. */
  steady(atMs: number): boolean {
    return atMs - this.#upsetMs >= steadyAfterMs;
  }

  /** Takes a frame in; `take-in` when what the change has left belongs to the light. */
  see({ atMs, changed, blobs, quietMs, cells }: LightEvidence): 'none' | 'upset' | 'take-in' {
    const sizes = blobs.map((blob) => newCells(blob, quietMs, atMs - newWithinMs));
    const all = sizes.reduce((sum, n) => sum + n, 0);
    const differs = all - Math.max(0, ...sizes) > scatteredPart * cells || all > coveredPart * cells;
    if (changed > upsetPart || differs) this.#upsetMs = atMs;
    if (!differs) {
      this.#sinceMs = undefined;
      return changed > upsetPart ? 'upset' : 'none';
    }
    this.#sinceMs ??= atMs;
    if (atMs - this.#sinceMs < takeInAfterMs) return 'upset';
    this.#sinceMs = undefined;
    return 'take-in';
  }
}

function newCells({ cells }: Blob, quietMs: Float64Array, sinceMs: number): number {
  let n = 0;
  for (const cell of cells) if ((quietMs[cell] as number) >= sinceMs) n++;
  return n;
}
