import type { Part } from '@gatehouse/kit';
import type { VideoInfo } from '../ffmpeg/video-info.ts';
import { type DecodeMode, isFresh } from '../motion/decode-policy.ts';
import { LiveDecoder, type LiveDecoderOptions, type LiveFrame } from './live-decoder.ts';

export interface AdaptiveDecoderOptions extends Omit<LiveDecoderOptions, 'mode' | 'onFrame'> {
  /** Gets every frame, in rising `atMs` and none twice, whichever decoder made it. */
  readonly onFrame: (frame: LiveFrame, mode: DecodeMode) => void;
  /** Told how long each keyframe took, milliseconds, while only keyframes are decoded or about to be. */
  readonly onKeyframeLag: (lagMs: number) => void;
  /** The box's frame timeline. */
  readonly now: () => number;
  /** A decoder of keyframes takes over only with one that came out soon after its capture; `isFresh` if absent. */
  readonly fresh?: typeof isFresh;
}

/** A decoder that is in use or warming up. */
interface Running {
  readonly decoder: LiveDecoder;
  frames: number;
}

/**
 * A decoder whose mode can be changed: another ffmpeg is started beside the running one, from the ring's last keyframe on, and
 * takes over with its first useful frame. So no keyframe is missed between the two (the new one repeats what came since the one it
 * starts at), and no picture is told twice (only a frame newer than the last one passes). The old one is ended then.
 */
export class AdaptiveDecoder implements Part {
  readonly #options: AdaptiveDecoderOptions;
  #current: Running;
  #next: Running | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;
  #swaps = 0;
  #ending = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: AdaptiveDecoderOptions, mode: DecodeMode = 'full') {
    this.#options = options;
    this.#current = this.#make(mode);
  }

  start(): void {
    this.#current.decoder.start();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all([this.#current.decoder.stop(), this.#next?.decoder.stop(), ...this.#ending]);
  }

  /** What is decoded at the moment. */
  get mode(): DecodeMode {
    return this.#current.decoder.mode;
  }
  /** How often the mode has changed. */
  get swaps(): number {
    return this.#swaps;
  }
  /** See `LiveDecoder`. */
  get source(): VideoInfo | undefined {
    return this.#current.decoder.source;
  }
  get undecodable(): boolean {
    return this.#current.decoder.undecodable;
  }
  get restarts(): number {
    return this.#current.decoder.restarts;
  }
  get pid(): number | undefined {
    return this.#current.decoder.pid;
  }

  /** Asks for a mode; it holds as soon as the other decoder has something to show. */
  want(mode: DecodeMode): void {
    if (this.#stopped || mode === (this.#next ?? this.#current).decoder.mode) return;
    if (this.#next) {
      this.#end(this.#next);
      this.#next = undefined;
      return;
    }
    this.#next = this.#make(mode);
    this.#next.decoder.start();
  }

  #make(mode: DecodeMode): Running {
    const running: Running = {
      decoder: new LiveDecoder({
        ...this.#options,
        mode,
        onFrame: (frame) => this.#take(running, frame),
      }),
      frames: 0,
    };
    return running;
  }

  #take(from: Running, frame: LiveFrame) {
    if (this.#stopped || (from !== this.#current && from !== this.#next)) return;
    const { mode } = from.decoder;
    // The first one is the keyframe that it was started with, however old that is.
    const lagMs = from.frames++ > 0 ? this.#options.now() - frame.atMs : undefined;
    if (mode === 'keyframes' && lagMs !== undefined) this.#options.onKeyframeLag(lagMs);
    if (from === this.#next && this.#isUseful(mode, lagMs)) this.#takeOver(from);
    if (from !== this.#current || frame.atMs <= this.#lastMs) return;
    this.#lastMs = frame.atMs;
    this.#options.onFrame(frame, mode);
  }

  #takeOver(next: Running) {
    const before = this.#current;
    this.#current = next;
    this.#next = undefined;
    this.#swaps++;
    this.#end(before);
  }

  #end({ decoder }: Running) {
    const ended = decoder.stop();
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
  }

  /** Whether a decoder that warms up may take over with this frame. */
  #isUseful(mode: DecodeMode, lagMs: number | undefined): boolean {
    const { fresh = isFresh, ring } = this.#options;
    return mode === 'full' || (lagMs !== undefined && fresh(lagMs, ring.longestGopMs));
  }
}
