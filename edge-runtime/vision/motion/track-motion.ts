import { type Box, iou, type Track } from '@gatehouse/contracts';

/** A box that agrees less with where it was a little while ago has moved. */
const movedBelowIou = 0.7;
const whileAgoMs = 1_000;
/** A thing is known at a place for this long after it was last seen there, milliseconds: a detector's flicker is no news. */
const knownForMs = 60_000;
/** Two boxes of this overlap are at one place. */
const samePlaceIou = 0.3;
/** Places that are remembered; the oldest go first. */
const maxPlaces = 200;

interface Anchor {
  readonly box: Box;
  readonly atMs: number;
  readonly before: Box | undefined;
}

/** Motion by what is followed: something new, or something that is not where it was. A false detection that flickers is neither. */
export class TrackMotion {
  #anchors = new Map<number, Anchor>();
  #places: { box: Box; atMs: number }[] = [];

  /** True if one of these tracks is news. */
  see(atMs: number, tracks: readonly Track[]): boolean {
    const seen = tracks.filter((track) => track.seen);
    const anchors = new Map<number, Anchor>();
    let news = false;
    for (const { id, box, still } of seen) {
      const anchor = this.#anchors.get(id);
      const before = anchor?.before ?? anchor?.box;
      if (!still && before && iou(before, box) < movedBelowIou) news = true;
      if (!this.#know(atMs, box)) news = true;
      anchors.set(id, nextAnchor(anchor, box, atMs));
    }
    this.#anchors = anchors;
    this.#places = this.#places.filter((place) => atMs - place.atMs <= knownForMs).slice(-maxPlaces);
    return news;
  }

  /** Notes that something is here; false if nothing was known to be. */
  #know(atMs: number, box: Box): boolean {
    const place = this.#places.find((known) => iou(known.box, box) >= samePlaceIou);
    if (!place) {
      this.#places.push({ box, atMs });
      return false;
    }
    place.box = box;
    place.atMs = atMs;
    return true;
  }
}

function nextAnchor(anchor: Anchor | undefined, box: Box, atMs: number): Anchor {
  if (!anchor) return { box, atMs, before: undefined };
  return atMs - anchor.atMs >= whileAgoMs ? { box, atMs, before: anchor.box } : anchor;
}
