import { type Box, iou, type StoodAt } from '@gatehouse/contracts';

/** So many places are told of at most; the oldest goes first. */
const mostPlaces = 64;
/** An actor whose box overlaps its place by so much is there still. */
const thereIou = 0.8;

interface Stood {
  readonly track: number;
  readonly actor: string;
  readonly box: Box;
}

/**
 * The places where actors stood, as the picture would show them: an actor that is there still looks as it
 * did, whether or not it is detected, and anything else does not. It goes by the labels alone.
 */
export class StoodPlaces {
  readonly #stood = new Map<number, Stood>();

  /** Takes in that an actor stands under a track's id. */
  keep(stood: Stood): void {
    this.#stood.delete(stood.track);
    this.#stood.set(stood.track, stood);
    const oldest = this.#stood.keys().next().value;
    if (this.#stood.size > mostPlaces && oldest !== undefined) this.#stood.delete(oldest);
  }

  /** @param boxes what the picture shows of each actor now */
  told(boxes: ReadonlyMap<string, Box>): StoodAt[] {
    return [...this.#stood.values()].map(({ track, actor, box }) => {
      const now = boxes.get(actor);
      return { track, box, like: now !== undefined && iou(box, now) >= thereIou ? 1 : 0 };
    });
  }
}
