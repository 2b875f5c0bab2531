/**
 * Objects that drive, stop, pass and hide one another, and a detector that sees them with jitter, misses and
 * suppression: for tests of the tracker, seeded, sharing no code with it.
 */
import type { Box, ObjectClass } from '@gatehouse/contracts';
import { seededRandom } from '@gatehouse/kit';

/** One true object: where its box is at `t` seconds, or nothing while it is not in the scene. */
export interface Actor {
  readonly class: ObjectClass;
  readonly at: (t: number) => Box | undefined;
}

export interface Seen {
  readonly class: ObjectClass;
  readonly score: number;
  readonly box: Box;
}

export interface MotionScene {
  readonly actors: readonly Actor[];
  readonly lengthS: number;
}

const boxAt = (x: number, foot: number, w: number, h: number): Box => ({
  x1: x - w / 2,
  y1: foot - h,
  x2: x + w / 2,
  y2: foot,
});

type Between = (low: number, high: number) => number;

/** Drives through at a steady speed, from the left (speed above 0) or from the right. */
function passing(
  name: ObjectClass,
  startS: number,
  speed: number,
  foot: number,
  w: number,
  h: number,
): Actor {
  return {
    class: name,
    at: (t) => {
      const x = speed > 0 ? -w / 2 + speed * (t - startS) : 1 + w / 2 + speed * (t - startS);
      return t >= startS && x > -w / 2 && x < 1 + w / 2 ? boxAt(x, foot, w, h) : undefined;
    },
  };
}

const standing = (name: ObjectClass, x: number, foot: number, w: number, h: number): Actor => ({
  class: name,
  at: () => boxAt(x, foot, w, h),
});

/** Comes in, slows down evenly, stands, and drives off again. */
function stopping(between: Between, foot: number, w: number, h: number): Actor {
  const [startS, stopX, brakeS, standS] = [
    between(0, 6),
    between(0.35, 0.65),
    between(1.5, 3),
    between(8, 15),
  ];
  const speed = between(0.08, 0.2);
  const brakesAt = startS + (stopX + w / 2 - (speed * brakeS) / 2) / speed;
  const leavesAt = brakesAt + brakeS + standS;
  return {
    class: 'car',
    at: (t) => {
      if (t < startS) return undefined;
      const braking = Math.min(brakeS, Math.max(0, t - brakesAt));
      const off = Math.max(0, t - leavesAt);
      const x =
        -w / 2 +
        speed * Math.min(t - startS, brakesAt - startS) +
        speed * (braking - braking ** 2 / (2 * brakeS)) +
        0.04 * off ** 2;
      return x < 1 + w / 2 ? boxAt(x, foot, w, h) : undefined;
    },
  };
}

export type Kind = 'pass-parked' | 'cross' | 'stop' | 'walkers';

/** A scene of one kind. */
export function motionScene(kind: Kind, seed: number): MotionScene {
  const random = seededRandom(seed);
  const between: Between = (low, high) => low + random() * (high - low);
  const [w, h] = [between(0.09, 0.16), between(0.08, 0.13)];
  const foot = between(0.5, 0.7);
  const nearer = foot + h * between(0.15, 0.6);
  if (kind === 'pass-parked')
    return {
      lengthS: 20,
      actors: [
        standing('car', between(0.4, 0.6), foot, w, h),
        passing('car', between(3, 5), between(0.1, 0.35), nearer, w * 1.08, h * 1.08),
        passing('car', between(4, 9), -between(0.1, 0.35), nearer + h * 0.1, w * 1.1, h * 1.1),
      ],
    };
  if (kind === 'cross')
    return {
      lengthS: 14,
      actors: [
        passing('car', between(0, 2), between(0.1, 0.3), foot, w, h),
        passing('car', between(0, 2), -between(0.1, 0.3), nearer, w, h),
      ],
    };
  if (kind === 'stop')
    return {
      lengthS: 30,
      actors: [
        stopping(between, foot, w, h),
        passing('car', between(6, 12), between(0.1, 0.3), nearer, w * 1.05, h * 1.05),
        passing('car', between(8, 16), -between(0.1, 0.3), nearer + 0.02, w * 1.05, h * 1.05),
      ],
    };
  const walker = () => {
    const height = between(0.14, 0.2);
    return passing(
      'person',
      between(0, 5),
      (random() < 0.5 ? 1 : -1) * between(0.05, 0.12),
      between(0.6, 0.7),
      height / 2.6,
      height,
    );
  };
  return { lengthS: 24, actors: Array.from({ length: 5 }, walker) };
}

const picture = { width: 208, height: 116 };

/** A grey picture of a moment: each object with a pattern of its own, the nearer before the farther. */
export function paint(scene: MotionScene, t: number) {
  const { width, height } = picture;
  const pixels = new Uint8Array(width * height).fill(90);
  const there = scene.actors
    .map((actor, look) => ({ box: actor.at(t), look }))
    .filter((one): one is { box: Box; look: number } => one.box !== undefined)
    .sort((a, b) => a.box.y2 - b.box.y2);
  for (const { box, look } of there) {
    const pattern = Array.from({ length: 36 }, seededShade(look));
    for (let y = Math.max(0, Math.round(box.y1 * height)); y < Math.min(height, box.y2 * height); y++)
      for (let x = Math.max(0, Math.round(box.x1 * width)); x < Math.min(width, box.x2 * width); x++) {
        const u = Math.min(5, Math.floor((6 * (x / width - box.x1)) / (box.x2 - box.x1)));
        const v = Math.min(5, Math.floor((6 * (y / height - box.y1)) / (box.y2 - box.y1)));
        pixels[y * width + x] = pattern[Math.max(0, 6 * v + u)] ?? 0;
      }
  }
  return { pixels, stride: width, width, height };
}

function seededShade(look: number): () => number {
  const random = seededRandom(look + 77);
  return () => 30 + 200 * random();
}

/** Detections of a moment. */
export class JitteryDetector {
  readonly #random: () => number;
  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  see(scene: MotionScene, t: number): Seen[] {
    const there = scene.actors
      .map((actor) => ({ class: actor.class, box: actor.at(t) }))
      .filter((one): one is { class: ObjectClass; box: Box } => one.box !== undefined)
      .sort((a, b) => b.box.y2 - a.box.y2);
    const seen: Seen[] = [];
    for (const [i, { class: name, box }] of there.entries()) {
      const hidden = Math.max(0, ...there.slice(0, i).map((nearer) => coveredPart(box, nearer.box)));
      if (hidden > 0.7 || this.#random() < 0.04) continue;
      const score = Math.max(0.12, 0.85 - 0.9 * hidden + 0.1 * (this.#random() - 0.5));
      const jittered = this.#jitter(box, 0.02 + 0.05 * hidden);
      if (seen.every((other) => overlap(other.box, jittered) < 0.65))
        seen.push({ class: name, score, box: jittered });
    }
    return seen;
  }

  #jitter({ x1, y1, x2, y2 }: Box, sd: number): Box {
    const noise = (size: number) =>
      sd * size * (this.#random() + this.#random() + this.#random() + this.#random() - 2) * 1.73;
    const cut = (v: number) => Math.min(1, Math.max(0, v));
    const [w, h] = [x2 - x1, y2 - y1];
    return {
      x1: cut(x1 + noise(w)),
      y1: cut(y1 + noise(h)),
      x2: cut(x2 + noise(w)),
      y2: cut(y2 + noise(h)),
    };
  }
}

function common(a: Box, b: Box): number {
  return (
    Math.max(0, Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1)) *
    Math.max(0, Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1))
  );
}

const area = (box: Box) => (box.x2 - box.x1) * (box.y2 - box.y1);

function coveredPart(box: Box, by: Box): number {
  return common(box, by) / area(box);
}

export function overlap(a: Box, b: Box): number {
  const both = common(a, b);
  return both / (area(a) + area(b) - both);
}
