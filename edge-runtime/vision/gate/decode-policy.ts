/** How much of a stream is decoded. */
export type DecodeMode = 'full' | 'keyframes';

/** What made a camera's stream be decoded in full. */
export type WakeReason = 'size' | 'picture' | 'tracks' | 'decision';

/** With keyframes farther apart than this, keyframes alone are not good enough. Milliseconds. */
export const longestQuietGopMs = 4_000;
/** Nothing may have moved for this long before only keyframes are decoded, milliseconds. */
export const quietAfterMs = 10_000;
/** A keyframe that takes longer than this from the camera to the detector means a decoder that holds pictures back. */
const latestKeyframeMs = 1_500;
/** So many late ones in a row, and this connection stays decoded in full. */
const lateKeyframes = 2;

/** What a decision is made of. Times on the frame timeline, milliseconds. */
export interface DecodeFacts {
  readonly nowMs: number;
  /** `StreamRing.longestGopMs`. */
  readonly longestGopMs: number | undefined;
}

/**
 * Full decode or keyframes only. Full from the first sign of motion until nothing has moved for 10 s; always full while the
 * keyframes are far apart or not known, or while they come late: a stream with reordered pictures holds each keyframe back
 * until two more have come (seen with ffmpeg 5.1: 4 s at a group of 2 s).
 */
export class DecodePolicy {
  #awakeUntilMs = Number.NEGATIVE_INFINITY;
  #reason: WakeReason | undefined;
  #late = 0;

  constructor(startMs: number) {
    this.#awakeUntilMs = startMs + quietAfterMs;
  }

  /** Something moved, or a decision is near, at a frame time. */
  wake(atMs: number, reason: WakeReason, forMs = quietAfterMs): void {
    if (atMs + forMs <= this.#awakeUntilMs) return;
    this.#awakeUntilMs = atMs + forMs;
    this.#reason = reason;
  }

  /** What woke it last. */
  get reason(): WakeReason | undefined {
    return this.#reason;
  }

  /** A keyframe reached the detector while only keyframes were decoded, `lagMs` after it was captured. */
  noteKeyframe(lagMs: number): void {
    this.#late = lagMs > latestKeyframeMs ? this.#late + 1 : 0;
  }

  mode({ nowMs, longestGopMs }: DecodeFacts): DecodeMode {
    const apart = longestGopMs === undefined || longestGopMs > longestQuietGopMs;
    return apart || this.heldBack || nowMs < this.#awakeUntilMs ? 'full' : 'keyframes';
  }

  /** The decoder holds keyframes back on this connection. */
  get heldBack(): boolean {
    return this.#late >= lateKeyframes;
  }

  /** Another connection: what was learned of the old stream does not hold. */
  reset(nowMs: number): void {
    this.#late = 0;
    this.wake(nowMs, 'picture');
  }
}
