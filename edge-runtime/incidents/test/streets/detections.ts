/** The boxes of a street that a detector gives. Imports nothing of the product (see script.ts). */
import { cut, lcg, type SceneBox } from '../scenes/frames.ts';
import { inside } from '../scenes/script.ts';
import {
  during,
  hiddenShare,
  hides,
  type Present,
  type Script,
  type Stand,
  standAt,
  standsOf,
} from './script.ts';

/** A box, and who is in it. */
export interface Detected {
  /** The same for the same thing in each frame. */
  readonly name: string;
  readonly of: Present;
  readonly class: 'car' | 'truck' | 'bus' | 'person';
  readonly score: number;
  readonly box: SceneBox;
  readonly stand: Stand | undefined;
}

/** A standing vehicle is detected for certain at first, until the tracker knows that it stands there. */
export const surelySeenS = 4;

export function detectedAt(
  script: Script,
  t: number,
  present: readonly Present[],
  random: () => number,
): Detected[] {
  return present.flatMap((one) => {
    const { index, actor } = one;
    const stand = standAt(actor, t);
    const silent = script.silences.some((span) => span.actor === index && inside(t, span));
    if (silent || hiddenShare(one, present) >= hides) return [];
    const detected: Detected[] = [];
    const put = (name: string, as: Detected['class'], box: SceneBox | undefined) => {
      const missed = random() < missShare(script, one, stand, t);
      if (box && !missed)
        detected.push({ name, of: one, class: as, score: 0.5 + 0.4 * random(), box, stand });
    };
    const usual = random() < 0.8 ? 'car' : 'truck';
    put(
      `actor ${index}`,
      actor.is === 'person' ? 'person' : usual,
      boxOf(script, one, stand ? stateOf(script, index, t) : wholeBox, random),
    );
    script.doubles.forEach((double, n) => {
      if (double.actor !== index || !stand || !inside(t, double)) return;
      const [side, height] = [(double.scale - 1) / 2, double.scale];
      put(`double ${n}`, 'bus', boxOf(script, one, { left: -side, right: 1 + side, height }, random));
    });
    return detected;
  });
}

/** The part of a vehicle that its box holds, in widths and heights of the vehicle. */
interface Part {
  readonly left: number;
  readonly right: number;
  readonly height: number;
}
const wholeBox: Part = { left: 0, right: 1, height: 1 };

function boxOf(
  { jitter }: Script,
  { actor: { width, height }, x, y }: Present,
  part: Part,
  random: () => number,
): SceneBox | undefined {
  const noise = (size: number) => (random() - 0.5) * 2 * jitter * size;
  return cut(
    x - width / 2 + part.left * width + noise(width),
    y - part.height * height + noise(height),
    x - width / 2 + part.right * width + noise(width),
    y + noise(height),
  );
}

/** A box of two states changes at random, at most every so often. */
function stateOf({ twoStates, seed }: Script, actor: number, t: number): Part {
  const found = twoStates.find((state) => state.actor === actor);
  if (!found) return wholeBox;
  const whole = lcg(seed + 7919 * (1 + Math.floor(t / found.everyS)))() < 0.5;
  if (whole) return wholeBox;
  return found.side === 'left' ? { ...wholeBox, left: 1 - found.share } : { ...wholeBox, right: found.share };
}

/** A vehicle that comes to a stand or leaves it is detected; of passing ones half as much is missed. */
function missShare({ missShare: share }: Script, { actor }: Present, stand: Stand | undefined, t: number) {
  if (stand) return t - stand.fromS >= surelySeenS ? share : 0;
  return standsOf(actor).length > 0 ? 0 : share / 2;
}

/** True if the detector sees the vehicle for certain, or may but for random misses. */
export function detectable(script: Script, one: Present, present: readonly Present[], t: number): boolean {
  const silences = script.silences.filter(({ actor }) => actor === one.index);
  return !during(silences, t) && hiddenShare(one, present) < hides;
}
