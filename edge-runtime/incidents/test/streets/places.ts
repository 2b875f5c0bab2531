/**
 * A model of what the picture shows at the places where tracks stood still, from the script's truth. Imports
 * nothing of the product (see script.ts).
 */
import { lcg, type SceneBox, type ScenePlace } from '../scenes/frames.ts';
import { during, hiddenShare, type Present, type Script } from './script.ts';
import type { Told } from './tracker.ts';

/** As many as a frame may tell; the newest. */
const most = 64;
const noise = 0.05;

/** Where a track stood still. */
interface StoodAt {
  readonly box: SceneBox;
  readonly of: Pick<Present, 'index' | 'actor' | 'x' | 'y'>;
}

/**
 * Scenes are shorter than the ten minutes after which a place that looks unlike would be forgotten, so every
 * place is told to the end, over restarts, too.
 */
export class PlacesModel {
  readonly #script: Script;
  readonly #random: () => number;
  readonly #places = new Map<number, StoodAt>();

  constructor(script: Script, random: () => number) {
    this.#script = script;
    this.#random = random;
  }

  look(t: number, present: readonly Present[], tracks: readonly Told[]): ScenePlace[] {
    for (const { track, of } of tracks) if (track.still) this.#take(track.id, track.box, of.of);
    if (during(this.#script.lights, t)) return [];
    return [...this.#places].slice(-most).map(([track, { box, of }]) => {
      const like = this.#like(of, present) + (this.#random() - 0.5) * 2 * noise;
      return { track, box, like: Math.round(Math.max(-1, Math.min(1, like)) * 20) / 20 };
    });
  }

  #take(track: number, box: SceneBox, { index, actor, x, y }: Present): void {
    const known = this.#places.get(track)?.of;
    if (known && known.index === index && known.x === x && known.y === y) return;
    this.#places.delete(track);
    this.#places.set(track, { box, of: { index, actor, x, y } });
  }

  /** 0.9 and more: the same, or of the same look; it falls within a third of a length. Else at most 0.5. */
  #like(place: StoodAt['of'], present: readonly Present[]): number {
    const { width, height, look } = place.actor;
    const others = -0.1 + 0.6 * lcg(this.#script.seed + place.index)();
    const shown = Math.max(
      others,
      ...present
        .filter(({ actor }) => actor.is === 'vehicle' && actor.look === look && actor.width === width)
        .map(({ index, x, y }) => {
          const shift = Math.abs(x - place.x) / width + Math.abs(y - place.y) / height;
          return (index === place.index ? 0.95 : 0.9) - 2 * shift;
        }),
    );
    const hidden = hiddenShare(place, present);
    return shown * (1 - hidden) + 0.1 * hidden;
  }
}
