import type { Box, ObjectClass } from '@gatehouse/contracts';
import type { Life } from './life.ts';

/**
 * The presence of one object in a zone, from its first sight to its end, whether it moves or stands. A stay
 * is about a place; a presence goes where its object goes. All times are frame times in milliseconds.
 */
export interface Presence extends Life {
  readonly key: string;
  /** The class that it has been seen as for the longest. */
  readonly class: ObjectClass;
  /** Milliseconds seen as each class. */
  readonly seenAsMs: Readonly<Partial<Record<ObjectClass, number>>>;
  /** As last seen in the zone. */
  readonly box: Box;
  /** The track last seen as this object, if ids can still be trusted. */
  readonly trackId: number | null;
  /** The track by whose look its place is known. */
  readonly lookId: number | null;
  readonly sinceMs: number;
  /** When it was last known to be in the zone. */
  readonly lastMs: number;
  /** Time it is known to have been in the zone. */
  readonly insideMs: number;
  /** Time since `lastMs` in which it was seen elsewhere or nowhere. */
  readonly absentMs: number;
  /** Time since `lastMs` in which something nearer hid it. */
  readonly hiddenMs: number;
  /** Time of `insideMs` in which only the picture showed that it is there, not the detector. */
  readonly heldMs: number;
  /** It was last seen outside the zone. */
  readonly left: boolean;
  /** The time of its voice prompt. */
  readonly promptedMs: number | null;
}

export interface PresenceState {
  readonly lastMs: number | null;
  readonly presences: readonly Presence[];
}

export const noPresences: PresenceState = { lastMs: null, presences: [] };

export interface PresenceTerms {
  /** True if something with this box is in the zone. */
  inside(box: Box): boolean;
  readonly classes: readonly ObjectClass[];
  /** Width of the picture by its height. */
  readonly aspect: number;
  /** Unseen time that still counts as presence. */
  readonly gapMs: number;
  /** Continuous absence that ends a presence. */
  readonly clearMs: number;
  /** After a longer pause nothing is known of what was not told yet. */
  readonly forgetMs: number;
  readonly keyOf: (sinceMs: number, n: number) => string;
}
