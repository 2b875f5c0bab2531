import type { ObjectClass } from '@gatehouse/contracts';
import { iou } from '@gatehouse/contracts';
import type { Detection } from '../detector.ts';
import type { TrueObject } from './labels.ts';

/** Objects that are told apart; a van called a truck here and a car there is found all the same. */
export type Group = 'person' | 'vehicle';

export function groupOf(name: ObjectClass): Group | undefined {
  if (name === 'person') return 'person';
  return name === 'car' || name === 'bus' || name === 'truck' ? 'vehicle' : undefined;
}

/** A detection is right if it overlaps an object by at least this (PASCAL VOC, COCO AP50). */
const rightFrom = 0.5;

interface Judged {
  readonly score: number;
  readonly right: boolean;
}

/** Counts how far detections of one group agree with the labels, frame by frame. */
export class Tally {
  readonly #group: Group;
  readonly #judged: Judged[] = [];
  #objects = 0;
  constructor(group: Group) {
    this.#group = group;
  }

  /** How many sure objects there were. */
  get objects(): number {
    return this.#objects;
  }

  /**
   * Takes one frame. The highest scores choose first; each object can be found once, and a second detection on it is wrong.
   * A detection on an unsure object counts neither way.
   */
  add(detections: readonly Detection[], objects: readonly TrueObject[]): void {
    const own = objects.filter((object) => groupOf(object.class) === this.#group);
    const open = new Set(own.filter(({ sure }) => sure));
    this.#objects += open.size;
    const ranked = detections.filter((detection) => groupOf(detection.class) === this.#group);
    for (const { box, score } of ranked.toSorted((a, b) => b.score - a.score)) {
      const [best] = [...open]
        .filter((object) => iou(object.box, box) >= rightFrom)
        .sort((a, b) => iou(b.box, box) - iou(a.box, box));
      if (best) open.delete(best);
      else if (own.some((object) => !object.sure && iou(object.box, box) >= rightFrom)) continue;
      this.#judged.push({ score, right: best !== undefined });
    }
  }

  /** Precision, recall and their harmonic mean with detections of at least `threshold`. */
  at(threshold: number): { readonly precision: number; readonly recall: number; readonly f1: number } {
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
