/**
 * A model of the tracker: the ids that it deals, and what it says of each track. Imports nothing of the
 * product (see script.ts).
 */
import type { SceneTrack } from '../scenes/frames.ts';
import type { Detected } from './detections.ts';
import type { Script } from './script.ts';

/** A vehicle that moves by more lengths between two frames cannot be paired. */
export const pairedLengths = 1.2;
/** A track that is not seen for longer is over. */
export const rememberedS = 2;
/** The next car may get the id of a car that was so near, and such a short time ago. */
const nearLengths = 0.6;
const justNowS = 1.5;
/** A track is still so long after it stopped. */
export const stillAfterS = 2;

interface Followed {
  readonly id: number;
  readonly first: { readonly x: number; readonly y: number };
  readonly farthest: number;
  readonly widest: number;
  readonly seenS: number;
  readonly x: number;
  readonly y: number;
  readonly stood: boolean;
  /** Whose track it is, and since when. */
  readonly actor: number;
  readonly sinceS: number;
}

/** A track with the one whom it follows. */
export interface Told {
  readonly track: SceneTrack;
  readonly of: Detected;
}

export class TrackerModel {
  readonly #script: Script;
  readonly #random: () => number;
  #known = new Map<string, Followed>();
  #next = 1;

  constructor(script: Script, random: () => number) {
    this.#script = script;
    this.#random = random;
  }

  /** Ids are never used twice, not even after a restart. */
  restart(): void {
    this.#known.clear();
  }

  renew(name: string): void {
    this.#known.delete(name);
  }

  swap(a: string, b: string): void {
    const [ofA, ofB] = [this.#known.get(a), this.#known.get(b)];
    if (ofA && ofB) this.#known.set(a, ofB).set(b, ofA);
  }

  follow(t: number, detected: readonly Detected[]): Told[] {
    const kept = new Set(detected.filter((one) => this.#keeps(t, one)).map(({ name }) => name));
    for (const one of detected)
      if (!kept.has(one.name)) {
        const passed = one.stand ? undefined : this.#passedOn(t, one, kept);
        this.#known.delete(one.name);
        if (passed) {
          const [other, track] = passed;
          this.#known.delete(other);
          this.#known.set(one.name, track);
        }
        kept.add(one.name);
      }
    return detected.map((one) => ({ track: this.#see(t, one), of: one }));
  }

  #keeps(t: number, { name, box, of, stand }: Detected): boolean {
    const known = this.#known.get(name);
    if (!known || lengths(known, feet(box), of.actor.width) > pairedLengths) return false;
    return t - known.seenS <= rememberedS || (this.#script.revives && known.stood && stand !== undefined);
  }

  /** The track of a car that was just here, if the tracker takes this one for it. */
  #passedOn(t: number, { box, of }: Detected, kept: ReadonlySet<string>) {
    const near = [...this.#known].find(
      ([name, known]) =>
        !kept.has(name) &&
        !known.stood &&
        t - known.seenS <= justNowS &&
        lengths(known, feet(box), of.actor.width) < nearLengths,
    );
    return near && this.#random() < this.#script.passOn ? near : undefined;
  }

  #see(t: number, { name, of, box, stand, class: as, score }: Detected): SceneTrack {
    const at = feet(box);
    const before = this.#known.get(name) ?? {
      id: this.#next++,
      first: at,
      farthest: 0,
      widest: 0,
      actor: of.index,
      sinceS: t,
    };
    const now: Followed = {
      ...before,
      ...at,
      farthest: Math.max(before.farthest, lengths(before.first, at, 1)),
      widest: Math.max(before.widest, box.x2 - box.x1),
      seenS: t,
      stood: stand !== undefined,
      actor: of.index,
      sinceS: before.actor === of.index ? before.sinceS : t,
    };
    this.#known.set(name, now);
    const stoodS = stand ? Math.max(stand.fromS, now.sinceS) : Number.POSITIVE_INFINITY;
    const still = t - stoodS >= stillAfterS;
    return {
      id: now.id,
      class: as,
      score,
      box,
      seen: true,
      still,
      moved: tenths(now.farthest / now.widest),
      ...(still ? { sinceMs: Math.round(stoodS * 1000) } : {}),
    };
  }
}

function feet({ x1, x2, y2 }: SceneTrack['box']) {
  return { x: (x1 + x2) / 2, y: y2 };
}

type At = { readonly x: number; readonly y: number };

function lengths(a: At, b: At, length: number): number {
  return Math.hypot(a.x - b.x, a.y - b.y) / length;
}

/** Tenths below 1, whole widths from there, at most 10. */
function tenths(widths: number): number {
  return widths < 1 ? Math.round(widths * 10) / 10 : Math.min(10, Math.floor(widths));
}
