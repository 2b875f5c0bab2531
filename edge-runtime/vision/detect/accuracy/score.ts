import type { ObjectClass } from '@gatehouse/contracts';
import { iou } from '@gatehouse/contracts';
import type { Detection } from '../detector.ts';
import type { Size } from '../fit.ts';
import type { TrueObject } from './labels.ts';

/**
 * Objects that are told apart. `vehicle` is car, bus and truck in one: a van called a truck here and a car
 * there is found all the same. `motorcycle` is everything on two wheels or three.
 */
export const groups = {
  person: ['person'],
  vehicle: ['car', 'bus', 'truck'],
  car: ['car'],
  truck: ['bus', 'truck'],
  motorcycle: ['motorcycle', 'bicycle'],
} as const satisfies Record<string, readonly ObjectClass[]>;
export type Group = keyof typeof groups;

export function isOf(group: Group, name: ObjectClass): boolean {
  return (groups[group] as readonly ObjectClass[]).includes(name);
}

/**
 * Ranges of an object's longer side, in pixels of a picture whose own longer side has 512 (the bundled
 * detector's input), so that models of other input sizes are asked the same.
 */
export const sizes = {
  all: { from: 0, below: Number.POSITIVE_INFINITY },
  '16-32': { from: 16, below: 32 },
  '32-96': { from: 32, below: 96 },
  '96-': { from: 96, below: Number.POSITIVE_INFINITY },
} as const;
export type SizeRange = (typeof sizes)[keyof typeof sizes];
export const yardstickPx = 512;

/** Longer side of a box in such pixels; `picture` gives the aspect. */
export function longestSide(box: TrueObject['box'], picture: Size): number {
  const r = yardstickPx / Math.max(picture.width, picture.height);
  return Math.max((box.x2 - box.x1) * picture.width, (box.y2 - box.y1) * picture.height) * r;
}

/** A detection is right if it overlaps an object by at least this (PASCAL VOC, COCO AP50). */
const rightFrom = 0.5;

interface Judged {
  readonly score: number;
  readonly right: boolean;
}

/** Precision, recall and their harmonic mean. */
export interface Agreement {
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/**
 * Counts how far detections of one group, and of one range of sizes, agree with the labels, frame by frame.
 */
export class Tally {
  readonly #group: Group;
  readonly #range: SizeRange;
  readonly #judged: Judged[] = [];
  #objects = 0;
  constructor(group: Group, range: SizeRange = sizes.all) {
    this.#group = group;
    this.#range = range;
  }

  /** How many sure objects there were. */
  get objects(): number {
    return this.#objects;
  }

  /**
   * Takes one frame. The highest scores choose first; each object can be found once, and a second detection
   * on it is wrong. A detection on an unsure object counts neither way, nor does one on an object of another
   * size, nor a wrong one of another size (as COCO does it).
   */
  add(detections: readonly Detection[], objects: readonly TrueObject[], picture: Size): void {
    const inRange = (box: TrueObject['box']) => {
      const side = longestSide(box, picture);
      return side >= this.#range.from && side < this.#range.below;
    };
    const own = objects.filter((object) => isOf(this.#group, object.class));
    const counted = own.filter((object) => object.sure && inRange(object.box));
    const uncounted = own.filter((object) => !counted.includes(object));
    const open = new Set(counted);
    this.#objects += open.size;
    const ranked = detections.filter((detection) => isOf(this.#group, detection.class));
    for (const { box, score } of ranked.toSorted((a, b) => b.score - a.score)) {
      const [best] = [...open]
        .filter((object) => iou(object.box, box) >= rightFrom)
        .sort((a, b) => iou(b.box, box) - iou(a.box, box));
      if (best) open.delete(best);
      else if (!inRange(box) || uncounted.some((object) => iou(object.box, box) >= rightFrom)) continue;
      this.#judged.push({ score, right: best !== undefined });
    }
  }

  /** With detections of at least `threshold`. */
  at(threshold: number): Agreement {
    const counted = this.#judged.filter(({ score }) => score >= threshold);
    const right = counted.filter((judged) => judged.right).length;
    const precision = counted.length > 0 ? right / counted.length : 1;
    const recall = this.#objects > 0 ? right / this.#objects : 1;
    return { precision, recall, f1: right > 0 ? (2 * precision * recall) / (precision + recall) : 0 };
  }

  /** Area below the curve of best precision over recall (PASCAL VOC 2010, all points). */
  averagePrecision(): number {
    const ranked = this.#judged.toSorted((a, b) => b.score - a.score);
    let right = 0;
    const points = ranked.map((judged, index) => {
      if (judged.right) right++;
      return { recall: right / this.#objects, precision: right / (index + 1) };
    });
    let area = 0;
    let best = 0;
    for (let i = points.length - 1; i >= 0; i--) {
      const { recall, precision } = points[i] as (typeof points)[number];
      best = Math.max(best, precision);
      area += best * (recall - (points[i - 1]?.recall ?? 0));
    }
    return area;
  }
}
