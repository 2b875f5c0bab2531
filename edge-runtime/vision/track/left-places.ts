import { iou, type StoodAt } from '@gatehouse/contracts';
import type { Followed } from './followed.ts';
import type { GreyPicture } from './look.ts';
import type { StoodPlace } from './stood-place.ts';

/** A place of an object that is not followed there any more. */
interface Left {
  readonly track: number;
  readonly place: StoodPlace;
  /** The object, if it was lost at this place; none if it was followed to elsewhere. */
  readonly lost: Followed | undefined;
}

/** Most places that are remembered (drop policy: drop-longest-unlike). */
const maxPlaces = 64;
/** A place that has not looked as it did for so long is forgotten. */
const forgetMs = 600_000;
/** Overlap of the place of another object that has come to stand there. */
const samePlace = 0.5;

/**
 * Remembers where objects stood that are not followed there any more. Rules learn from it that a place is
 * seen to be empty, or taken by another. What the detector has lost may also turn up again: behind a truck
 * that drives on, the place looks as it did.
 */
export class LeftPlaces {
  #list: Left[] = [];

  add(left: Left): void {
    this.#list.push(left);
    if (this.#list.length <= maxPlaces) return;
    const oldest = Math.min(...this.#list.map(({ place }) => place.alikeMs));
    this.#list = this.#list.filter(({ place }) => place.alikeMs > oldest).slice(-maxPlaces);
  }

  /**
   * Judges all of them by a picture, and forgets those that are of no use any more. Returns the lost objects
   * that the picture shows again; they are not remembered here any more.
   * @param taken the places of what is followed
   */
  look(atMs: number, picture: GreyPicture, taken: readonly StoodPlace[]): Followed[] {
    for (const { place } of this.#list) place.look(atMs, picture);
    const isTaken = (place: StoodPlace) => taken.some((other) => iou(other.box, place.box) >= samePlace);
    const back = new Set(
      this.#list.filter(({ place, lost }) => lost && place.verdict === 'alike' && !isTaken(place)),
    );
    this.#list = this.#list.filter((left) => {
      const { place } = left;
      const known = place.verdict === 'alike' && isTaken(place);
      return !back.has(left) && !known && atMs - place.alikeMs <= forgetMs;
    });
    return [...back].flatMap(({ lost }) => lost ?? []);
  }

  get places(): readonly Left[] {
    return this.#list;
  }
}

/** How a place is told, unless nothing can be said of it. */
export function stoodAt(track: number, { box, like }: Pick<StoodPlace, 'box' | 'like'>): StoodAt[] {
  return like === undefined ? [] : [{ track, box, like }];
}
