import type { ViewMeasures } from './view-measures.ts';

/** Pictures until a baseline is good enough to judge by; one a second. */
const learnedAfter = 120;
/**
 * From then on what the baseline holds changes with this time constant, milliseconds: over days, not over an
 * afternoon.
 */
const slowMs = 24 * 3_600_000;
/** A scene with less fine detail than this, or a camera that was never sharp, is not judged by it. */
const leastSharpness = 0.3;
/** Gradients weaker than this in the baseline are noise or sky, grey levels. */
const leastGradient = 6;

/** How the picture compares with what this camera usually shows. */
export interface ViewComparison {
  /** Detail and sharpness against the usual, 1 = as always. */
  readonly detail: number;
  readonly sharpness: number;
  /**
   * How far the usual edges are where they always are: 1 = all of them, 0 = none. Blind to brightness and
   * contrast.
   */
  readonly likeness: number;
}

/**
 * The usual view of one camera in one kind of light (by day in colour, or by night in infrared). The mean of
 * the gradients over many pictures: whatever moves or is parked for a while averages out, edges of buildings
 * and kerbs stay.
 */
export class ViewBaseline {
  #count = 0;
  #detail = 0;
  #sharpness = 0;
  #gradient = new Float32Array(0);

  /** True once there is enough to judge by. */
  get learned(): boolean {
    return this.#count >= learnedAfter;
  }

  /** @param dtMs time since the last picture taken in */
  learn(view: ViewMeasures, dtMs: number): void {
    if (this.#gradient.length !== view.gradient.length) {
      this.#count = 0;
      this.#gradient = new Float32Array(view.gradient.length);
    }
    this.#count++;
    const part = this.#count <= learnedAfter ? 1 / this.#count : 1 - Math.exp(-Math.max(0, dtMs) / slowMs);
    this.#detail += (view.detail - this.#detail) * part;
    this.#sharpness += (view.sharpness - this.#sharpness) * part;
    for (let i = 0; i < this.#gradient.length; i++) {
      const usual = this.#gradient[i] as number;
      this.#gradient[i] = usual + ((view.gradient[i] as number) - usual) * part;
    }
  }

  /** `undefined` until it is learned, or for a picture of another size. */
  compare(view: ViewMeasures): ViewComparison | undefined {
    if (!this.learned || view.gradient.length !== this.#gradient.length) return undefined;
    return {
      detail: view.detail / Math.max(0.1, this.#detail),
      sharpness: this.#sharpness < leastSharpness ? 1 : view.sharpness / this.#sharpness,
      likeness: likenessOf(view.gradient, this.#gradient),
    };
  }
}

/**
 * The part of the baseline's edges (weighted by strength) at which the picture has an edge of the same
 * direction. Each point counts by the cosine between the two, so neither light nor contrast matters, only
 * where the edges run.
 */
function likenessOf(gradient: Float32Array, usual: Float32Array): number {
  let agreed = 0;
  let all = 0;
  for (let i = 0; i + 1 < usual.length; i += 2) {
    const [ux, uy] = [usual[i] as number, usual[i + 1] as number];
    const strength = Math.hypot(ux, uy);
    if (strength < leastGradient) continue;
    const [x, y] = [gradient[i] as number, gradient[i + 1] as number];
    all += strength;
    agreed += (ux * x + uy * y) / Math.max(1, Math.hypot(x, y));
  }
  return all === 0 ? 1 : Math.max(0, agreed / all);
}
