import type { Track } from '@gatehouse/contracts';
import type { CompressedPicture } from '../ring/stream-ring.ts';
import type { LumaPicture } from '../scene/luma.ts';
import {
  type DecodeFacts,
  type DecodeMode,
  DecodePolicy,
  quietAfterMs,
  type WakeReason,
} from './decode-policy.ts';
import { PictureMotion } from './picture-motion.ts';
import { SizeMotion } from './size-motion.ts';
import { TrackMotion } from './track-motion.ts';

/** A picture that is only larger than usual is looked at for this long, milliseconds. */
const lookMs = 4_000;
/** After a look that showed nothing, sizes say nothing for this long, and twice as long after every further one. Milliseconds. */
const firstMuteMs = 30_000;
const longestMuteMs = 300_000;

/**
 * Whether anything moves before one camera, from what costs least: compressed sizes wake, decoded pictures and tracks confirm and
 * keep awake. Everything that only disturbs is bounded: sizes that cry wolf are muted, restless parts of the picture and places of
 * false detections are learned.
 */
export class CameraMotion {
  readonly #policy: DecodePolicy;
  readonly #sizes = new SizeMotion();
  readonly #pictures = new PictureMotion();
  readonly #tracks = new TrackMotion();
  #mutedUntilMs = Number.NEGATIVE_INFINITY;
  #lookUntilMs: number | undefined;
  #looksInVain = 0;

  /** @param startMs now, on the frame timeline */
  constructor(startMs: number) {
    this.#policy = new DecodePolicy(startMs);
  }

  /** A compressed picture came in, decoded or not. */
  compressed(picture: CompressedPicture): void {
    const { atMs } = picture;
    if (this.#lookUntilMs !== undefined && atMs > this.#lookUntilMs) this.#lookedInVain(atMs);
    if (!this.#sizes.see(picture) || atMs < this.#mutedUntilMs) return;
    this.#policy.wake(atMs, 'size', lookMs);
    this.#lookUntilMs ??= atMs + lookMs;
  }

  /** A picture was decoded. */
  decoded(atMs: number, luma: LumaPicture): void {
    if (this.#pictures.see(atMs, luma).motion) this.#confirm(atMs, 'picture');
  }

  /** A decoded picture was analysed. */
  analysed(atMs: number, tracks: readonly Track[]): void {
    if (this.#tracks.see(atMs, tracks)) this.#confirm(atMs, 'tracks');
  }

  /** A rule is about to decide: decode in full until then. */
  decisionNear(nowMs: number, forMs: number): void {
    this.#policy.wake(nowMs, 'decision', Math.min(forMs, quietAfterMs));
  }

  /** See `DecodePolicy.noteKeyframe`. */
  keyframeLag(nowMs: number, lagMs: number, gopMs: number | undefined): void {
    this.#policy.noteKeyframe(nowMs, lagMs, gopMs);
  }

  mode(facts: DecodeFacts): DecodeMode {
    return this.#policy.mode(facts);
  }

  /** What woke it last. */
  get reason(): WakeReason | undefined {
    return this.#policy.reason;
  }

  /** Another connection. */
  reset(nowMs: number): void {
    this.#sizes.reset();
    this.#policy.reset(nowMs);
  }

  #confirm(atMs: number, reason: WakeReason) {
    this.#lookUntilMs = undefined;
    this.#looksInVain = 0;
    this.#mutedUntilMs = Number.NEGATIVE_INFINITY;
    this.#policy.wake(atMs, reason);
  }

  #lookedInVain(atMs: number) {
    this.#lookUntilMs = undefined;
    this.#mutedUntilMs = atMs + Math.min(longestMuteMs, firstMuteMs * 2 ** this.#looksInVain);
    this.#looksInVain++;
  }
}
