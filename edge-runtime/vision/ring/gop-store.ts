/** One picture in the ring. */
export interface RingFrame {
  /** Timestamp of the stream, 90 kHz, 33 bits. */
  readonly pts: number;
  /** Capture time on the box's frame timeline, milliseconds. */
  readonly atMs: number;
  readonly key: boolean;
}

/** A group of pictures: from a keyframe up to the next. */
export interface Gop {
  /** Program tables to put in front of it. */
  readonly header: Buffer;
  readonly chunks: Buffer[];
  readonly frames: RingFrame[];
  /** Groups of one number follow on one another: one connection, whose timestamps did not step back. */
  readonly run: number;
  bytes: number;
}

/** The groups between two times. */
export interface Stretch {
  /** MPEG-TS from a keyframe on. */
  readonly bytes: readonly Buffer[];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface RingLimits {
  readonly maxBytes: number;
  /** How far back the ring reaches, milliseconds of frame time. */
  readonly maxAgeMs: number;
}

/** A still may be this far from the asked time. */
export const nearestWithinMs = 2_000;

/**
 * Groups of pictures in order, within bytes and age. Drop policy: the oldest whole group first; a single
 * group that outgrows the byte limit by itself (a camera that sends no keyframes) is dropped and the next
 * keyframe begins anew.
 */
export class GopStore {
  readonly #limits: RingLimits;
  #gops: Gop[] = [];
  #open: Gop | undefined;
  #bytes = 0;
  #run = 0;

  constructor(limits: RingLimits) {
    this.#limits = limits;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Begins a group. */
  open(header: Buffer): Gop {
    this.#open = { header, chunks: [], frames: [], run: this.#run, bytes: 0 };
    this.#gops.push(this.#open);
    return this.#open;
  }

  /** The group that is being received is complete, and what comes next does not follow on it. */
  close(): void {
    this.#open = undefined;
    this.#run++;
  }

  /**
   * Whole groups that meet a stretch of time, of the newest run there is in it; undefined if there are none.
   */
  between(fromMs: number, toMs: number): Stretch | undefined {
    const met = this.#gops.filter(({ frames }) => {
      const [first, last] = [frames[0], frames.at(-1)];
      return first && last && first.atMs <= toMs && last.atMs >= fromMs;
    });
    const run = met.at(-1)?.run;
    const gops = met.filter((gop) => gop.run === run);
    const [first, last] = [gops[0]?.frames[0], gops.at(-1)?.frames.at(-1)];
    if (!first || !last) return undefined;
    return {
      bytes: gops.flatMap((gop) => [gop.header, ...gop.chunks]),
      fromMs: first.atMs,
      toMs: last.atMs,
    };
  }

  /** Adds bytes to the open group; false if it outgrew the limit and was dropped. */
  append(piece: Buffer): boolean {
    const gop = this.#open;
    if (!gop) return false;
    gop.chunks.push(piece);
    gop.bytes += piece.length;
    this.#bytes += piece.length;
    this.#evict();
    if (gop.bytes <= this.#limits.maxBytes) return true;
    this.#gops = this.#gops.filter((other) => other !== gop);
    this.#bytes -= gop.bytes;
    this.#open = undefined;
    return false;
  }

  /** See `StreamRing.find`. The last picture of the open group may still be arriving and is not offered. */
  find(atMs: number | undefined): { readonly gop: Gop; readonly frame: RingFrame } | undefined {
    let best: { gop: Gop; frame: RingFrame } | undefined;
    let bestMs = Number.POSITIVE_INFINITY;
    for (const gop of this.#gops)
      for (const frame of gop === this.#open ? gop.frames.slice(0, -1) : gop.frames) {
        const distanceMs = atMs === undefined ? -frame.atMs : Math.abs(frame.atMs - atMs);
        if (distanceMs > bestMs) continue;
        best = { gop, frame };
        bestMs = distanceMs;
      }
    return atMs !== undefined && bestMs > nearestWithinMs ? undefined : best;
  }

  #evict() {
    const newestMs = this.#open?.frames.at(-1)?.atMs ?? 0;
    for (;;) {
      const [oldest, next] = this.#gops;
      if (!oldest || !next) return;
      const nextStartMs = next.frames[0]?.atMs ?? newestMs;
      const tooOld = newestMs - nextStartMs > this.#limits.maxAgeMs;
      if (this.#bytes <= this.#limits.maxBytes && !tooOld) return;
      this.#gops.shift();
      this.#bytes -= oldest.bytes;
    }
  }
}
