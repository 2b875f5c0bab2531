import type { Box } from '@gatehouse/contracts';
import { overlap } from './motion-scene.ts';

export interface Labelled {
  readonly id: number;
  readonly box: Box;
}

/** How well identities were kept, summed over frames. */
export interface Identity {
  /** True boxes; those that a track stood on; tracks on no true box. */
  truths: number;
  matched: number;
  extra: number;
  /** A true object goes on under another id. */
  switches: number;
  /** An id goes over from one true object to another: the worst that can happen to a dwell. */
  mixUps: number;
}

/**
 * Counts frame by frame, after MOTA (Bernardin and Stiefelhagen 2008): a pair lasts while it overlaps by
 * half, the rest best first.
 */
export class IdentityCount {
  readonly sum: Identity = { truths: 0, matched: 0, extra: 0, switches: 0, mixUps: 0 };
  readonly #idOf = new Map<number, number>();
  readonly #truthOf = new Map<number, number>();

  frame(truths: readonly Labelled[], tracks: readonly Labelled[]): void {
    const pairs = this.#pairs(truths, tracks);
    this.sum.truths += truths.length;
    this.sum.matched += pairs.length;
    this.sum.extra += tracks.length - pairs.length;
    for (const [truth, id] of pairs) {
      const before = this.#idOf.get(truth);
      if (before !== undefined && before !== id) this.sum.switches++;
      const held = this.#truthOf.get(id);
      if (held !== undefined && held !== truth) this.sum.mixUps++;
      this.#idOf.set(truth, id);
      this.#truthOf.set(id, truth);
    }
  }

  #pairs(truths: readonly Labelled[], tracks: readonly Labelled[]): [number, number][] {
    const options = truths.flatMap((truth) =>
      tracks.map((track) => ({
        truth: truth.id,
        track: track.id,
        fit: overlap(truth.box, track.box),
        lasts: this.#idOf.get(truth.id) === track.id,
      })),
    );
    const pairs: [number, number][] = [];
    const taken = new Set<string>();
    for (const { truth, track } of options
      .filter(({ fit }) => fit >= 0.5)
      .sort((a, b) => Number(b.lasts) - Number(a.lasts) || b.fit - a.fit)) {
      if (taken.has(`truth ${truth}`) || taken.has(`track ${track}`)) continue;
      taken.add(`truth ${truth}`);
      taken.add(`track ${track}`);
      pairs.push([truth, track]);
    }
    return pairs;
  }
}
