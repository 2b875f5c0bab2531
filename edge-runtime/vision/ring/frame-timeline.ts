/** MPEG timestamps count 90 kHz in 33 bits: they wrap after 26.5 hours (ISO/IEC 13818-1, 2.4.3.7). */
export const ptsModulo = 2 ** 33;
const ticksPerMs = 90;

/**
 * Farther from the box's own time than this and the stream's clock is not followed any more, milliseconds.
 */
export const maxDriftMs = 2_000;
/** B-frames make timestamps step back by well under this; more is a jump. */
const maxReorderMs = 2_000;
/**
 * How fast the mapping may creep forward to follow a camera whose clock runs slow. Quartz is within 100 ppm.
 */
const creepPerMs = 200e-6;

export interface FrameTime {
  /** Milliseconds on the box's frame timeline. */
  readonly atMs: number;
  /** The stream's timestamps stepped back: a decoder must start afresh. */
  readonly steppedBack: boolean;
}

/** The signed distance from one 33-bit timestamp to another, in ticks; the shorter way round. */
export function ptsDistance(from: number, to: number): number {
  const forward = (((to - from) % ptsModulo) + ptsModulo) % ptsModulo;
  return forward >= ptsModulo / 2 ? forward - ptsModulo : forward;
}

/**
 * Maps a stream's timestamps onto the box's frame timeline. It follows the stream's clock, so that network
 * jitter does not bend dwell, with the smallest delay seen: a frame cannot come from the future, so a frame
 * that would pulls the mapping back; and the mapping creeps forward by 200 ppm, so that it follows a camera
 * whose clock runs slow. It is set anew when the two are over 2 s apart.
 */
export class FrameTimeline {
  #lastPts: number | undefined;
  /** Frame time of `#lastPts`. */
  #atMs = 0;

  /** `nowMs`: when the frame arrived, on the same timeline. */
  map(pts: number, nowMs: number): FrameTime {
    const stepMs = this.#lastPts === undefined ? 0 : ptsDistance(this.#lastPts, pts) / ticksPerMs;
    const isFirst = this.#lastPts === undefined;
    this.#lastPts = pts;
    const expectedMs = this.#atMs + stepMs + Math.max(0, stepMs) * creepPerMs;
    const behindMs = nowMs - expectedMs;
    this.#atMs = isFirst || Math.abs(behindMs) > maxDriftMs ? nowMs : Math.min(expectedMs, nowMs);
    return { atMs: this.#atMs, steppedBack: stepMs < -maxReorderMs };
  }

  /** The next frame belongs to another connection. */
  reset(): void {
    this.#lastPts = undefined;
  }
}
