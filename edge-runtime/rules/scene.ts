import type { StoodAt, Track } from '@gatehouse/contracts';
import type { StayTerms } from './stay-state.ts';

/** One frame as the stays of a zone see it. */
export interface Scene {
  readonly atMs: number;
  /** Time of the frame before. */
  readonly beforeMs: number;
  /** Time since then, or 0 if it is too long to be taken as watched. */
  readonly watchedMs: number;
  readonly tracks: readonly Track[];
  /** Where objects stood still, as the picture shows these places. */
  readonly places: readonly StoodAt[];
  readonly terms: StayTerms;
}
