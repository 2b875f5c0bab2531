import type { Clock } from '@gatehouse/kit';
import type { FfmpegChild } from '../ffmpeg/child.ts';
import type { StreamRing } from '../ring/stream-ring.ts';

/**
 * Compressed bytes that may wait for a decoder that falls behind. Drop policy: the decoder, which starts at
 * the newest keyframe.
 */
const maxWaitingBytes = 8 * 1024 * 1024;
/** How long a decoder may take to put out its last frames after the stream's end, milliseconds. */
const flushWithinMs = 2_000;

/** The ring's bytes on their way into one decoder, from the last keyframe on until the stream ends. */
export class RingFeed {
  /** Resolves with true at the first bytes, with false when there will be none. */
  readonly started: Promise<boolean>;
  readonly #first = Promise.withResolvers<boolean>();
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #unsubscribe: () => void;
  readonly #onAbort: () => void;
  /** Packets from before there was a decoder: one keyframe group at most, the ring's own bound. */
  readonly #waiting: Buffer[] = [];
  #child: FfmpegChild | undefined;
  #onBehind: () => void = () => undefined;
  #ended = false;
  #cancelFlush: () => void = () => undefined;

  constructor(ring: StreamRing, clock: Clock, signal: AbortSignal, keyframesOnly = false) {
    this.#clock = clock;
    this.#signal = signal;
    this.started = this.#first.promise;
    this.#onAbort = () => this.#end();
    this.#unsubscribe = ring.subscribe({
      keyframesOnly,
      data: (chunk) => this.#write(chunk),
      end: () => this.#end(),
    });
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#end();
  }

  /** True once the stream is over. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Hands everything to a decoder. `onBehind` is called when it was killed because it did not keep up. */
  pipeTo(child: FfmpegChild, onBehind: () => void): void {
    this.#child = child;
    this.#onBehind = onBehind;
    for (const chunk of this.#waiting.splice(0)) child.stdin.write(chunk);
    if (this.#ended) this.#close(child);
  }

  stop(): void {
    this.#unsubscribe();
    this.#cancelFlush();
    this.#signal.removeEventListener('abort', this.#onAbort);
  }

  #end() {
    this.#ended = true;
    this.#first.resolve(false);
    if (this.#child) this.#close(this.#child);
  }

  #close(child: FfmpegChild) {
    child.stdin.end();
    this.#cancelFlush();
    this.#cancelFlush = this.#clock.after(flushWithinMs, () => child.kill());
  }

  #write(chunk: Buffer) {
    this.#first.resolve(true);
    const child = this.#child;
    if (!child) {
      this.#waiting.push(chunk);
      return;
    }
    if (!child.stdin.writable) return;
    child.stdin.write(chunk);
    if (child.stdin.writableLength <= maxWaitingBytes) return;
    this.#onBehind();
    child.kill();
  }
}
