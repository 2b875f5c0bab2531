/** How much of a stream is decoded. */
export type DecodeMode = 'full' | 'keyframes';

/** What made a camera's stream be decoded in full. */
export type WakeReason = 'size' | 'picture' | 'tracks' | 'decision';

/** With keyframes farther apart than this, keyframes alone are not good enough. Milliseconds. */
export const longestQuietGopMs = 4_000;
/** Nothing may have moved for this long before only keyframes are decoded, milliseconds. */
export const quietAfterMs = 10_000;
/** A keyframe that takes this long, and nearly as long as to the next one, is held back by its decoder; less is a busy box. */
const latestKeyframeMs = 1_500;
const latestPartOfGop = 0.9;
/** Held back so many times in a row, and the stream stays decoded in full for so long, milliseconds. */
const giveUpMs = 600_000;
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
  #givenUpUntilMs = Number.NEGATIVE_INFINITY;

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

  /** A keyframe was decoded, `lagMs` after it was captured, while only keyframes were or were about to be. */
  noteKeyframe(nowMs: number, lagMs: number, gopMs: number | undefined): void {
    this.#late = isFresh(lagMs, gopMs) ? 0 : this.#late + 1;
    if (this.#late >= lateKeyframes) this.#givenUpUntilMs = nowMs + giveUpMs;
  }

  mode({ nowMs, longestGopMs }: DecodeFacts): DecodeMode {
    const apart = longestGopMs === undefined || longestGopMs > longestQuietGopMs;
    return apart || nowMs < this.#givenUpUntilMs || nowMs < this.#awakeUntilMs ? 'full' : 'keyframes';
  }

  /** Another connection: what was learned of the old stream does not hold. */
  reset(nowMs: number): void {
    this.#late = 0;
    this.#givenUpUntilMs = Number.NEGATIVE_INFINITY;
    this.wake(nowMs, 'picture');
  }
}

/** Whether a keyframe came out as soon as it could: a decoder that holds it back waits for the next one at least. */
export function isFresh(lagMs: number, gopMs: number | undefined): boolean {
  return lagMs <= Math.max(latestKeyframeMs, latestPartOfGop * (gopMs ?? 0));
}
