import type { Box, ObjectClass } from '@gatehouse/contracts';
import type { Place } from './place.ts';
import type { Sureness } from './sureness.ts';

/**
 * One stay of one object at one place of a zone. The object goes on as itself: under its track's id; under
 * another id where the place looks as it did; and without a look, under an id that did not drive in. So an ID
 * switch, an occlusion, a silent detector or a restart does not end it, and another vehicle at its place
 * does. All times are frame times in milliseconds.
 */
export interface Stay {
  readonly key: string;
  /** The class that it has been seen as for the longest. */
  readonly class: ObjectClass;
  /** Milliseconds seen as each counted class. */
  readonly seenAsMs: Readonly<Partial<Record<ObjectClass, number>>>;
  readonly place: Place;
  /** As last seen. */
  readonly box: Box;
  /** The track last seen here, if ids can still be trusted. */
  readonly trackId: number | null;
  /** Other tracks last seen here, newest first: two boxes of one body take turns. */
  readonly formerIds: readonly number[];
  /** Time of `stoodMs` under `trackId`. */
  readonly ownMs: number;
  /** The track by whose look the place is known; ids with a look are never used twice. */
  readonly lookId: number | null;
  readonly sinceMs: number;
  /** When it was last seen standing here. */
  readonly lastMs: number;
  /** Time it is known to have stood here. */
  readonly stoodMs: number;
  /** Time since `lastMs` in which the place was in view and empty, or its object was seen elsewhere. */
  readonly absentMs: number;
  /** Time since `lastMs` in which something nearer hid the place, or nothing was clear. */
  readonly hiddenMs: number;
  /** Time since `lastMs` in which the picture showed something else there. */
  readonly otherMs: number;
  /** Time since `lastMs` in which its track was seen elsewhere. */
  readonly awayMs: number;
  /** Time of `stoodMs` in which only the picture showed that it is there, not the detector. */
  readonly heldMs: number;
  /** While the bundled detector alone has seen it: how sure it was. `null`: another one has, too. */
  readonly bundled: Sureness | null;
  /** It was seen driving off; another object that stops here later is another stay. */
  readonly left: boolean;
  /** Key of the stay that the same vehicle interrupted to shift to here. */
  readonly shiftedFrom: string | null;
  readonly openedMs: number | null;
  /** The time of the last finding about it. */
  readonly toldMs: number | null;
  /** The time of its voice prompt. */
  readonly promptedMs: number | null;
  /** The most urgent priority of its findings; it never falls while it is open. */
  readonly priority: number | null;
}

export interface StayState {
  readonly lastMs: number | null;
  readonly occupancies: readonly Stay[];
}

export const noStays: StayState = { lastMs: null, occupancies: [] };

export interface StayTerms {
  /** True if something with this box stands in the zone. */
  inside(box: Box): boolean;
  readonly classes: readonly ObjectClass[];
  /** Continuous absence that ends a stay. */
  readonly clearMs: number;
  /** Unseen time up to which a stay counts as unbroken. */
  readonly gapMs: number;
  /** Hidden time, on top of it, that still counts when the object is there again afterwards. */
  readonly hiddenMs: number;
  /** After a longer time without frames, a stay that is no incident yet is forgotten. */
  readonly forgetMs: number;
  /**
   * An object that shifts within the zone goes on with its stay if it had stood there for so long, or is an
   * incident; `null`: each place is a stay of its own.
   */
  readonly joinsShiftsAfterMs: number | null;
  keyOf(sinceMs: number, n: number): string;
}
