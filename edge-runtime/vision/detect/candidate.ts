import type { Box, ObjectClass } from '@gatehouse/contracts';
import { iou } from '@gatehouse/contracts';
import type { Detection } from './detector.ts';

/**
 * A candidate that a family's decoder reads out of its outputs: a label index and a box in fractions of the
 * input, unchecked.
 */
export interface Candidate {
  readonly label: number;
  readonly score: number;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

/** Most boxes looked at and most given out for one frame; the lowest scores are dropped. */
export const maxCandidates = 1000;
export const maxDetections = 100;

/** Turns candidates into detections. */
export interface Reading {
  /** Class of each label index; candidates of other labels are dropped. */
  readonly classes: readonly (ObjectClass | undefined)[];
  /** Lowest score that is given out. */
  readonly threshold: number;
  /** A lower score is doubtful; none is if absent. */
  readonly sureFrom?: number;
  /** Of the bundled model: the score from which an alarm may rest on it alone. */
  readonly bundledSureFrom?: number | undefined;
  readonly nmsIou: number;
  /** Share of the input's width and height that holds the picture, 0 to 1. */
  readonly pictureWidth: number;
  readonly pictureHeight: number;
}

/**
 * Keeps what the rules know, undoes the letterbox, clamps to the picture, and drops doubles (non-maximum
 * suppression). Never returns an invalid detection, whatever the numbers were: anything not finite, of no
 * area inside the picture or of a score outside [threshold, 1] is dropped. Highest score first, at most 100.
 */
export function toDetections(candidates: readonly Candidate[], reading: Reading): Detection[] {
  const valid = candidates.flatMap((candidate) => {
    const detection = toDetection(candidate, reading);
    return detection ? [detection] : [];
  });
  valid.sort((a, b) => b.score - a.score);
  return suppress(valid.slice(0, maxCandidates), reading.nmsIou).slice(0, maxDetections);
}

function toDetection(candidate: Candidate, reading: Reading): Detection | undefined {
  const { label, score } = candidate;
  const known = reading.classes[label];
  if (known === undefined || !(score >= reading.threshold && score <= 1)) return undefined;
  const box: Box = {
    x1: clamp(candidate.x1 / reading.pictureWidth),
    y1: clamp(candidate.y1 / reading.pictureHeight),
    x2: clamp(candidate.x2 / reading.pictureWidth),
    y2: clamp(candidate.y2 / reading.pictureHeight),
  };
  // Comparisons with NaN are false, so a box with one is dropped here too.
  if (!(box.x1 < box.x2 && box.y1 < box.y2)) return undefined;
  return {
    class: known,
    score,
    box,
    ...(score < (reading.sureFrom ?? 0) ? { doubtful: true } : {}),
    ...bundledMark(score, reading.bundledSureFrom),
  };
}

function bundledMark(score: number, sureFrom: number | undefined): Pick<Detection, 'bundled'> {
  return sureFrom === undefined ? {} : { bundled: score >= sureFrom ? 'sure' : 'doubtful' };
}

/**
 * Into 0..1; infinities become NaN, because a box that reaches infinity is nonsense and not a box of the
 * whole picture.
 */
function clamp(fraction: number): number {
  return Number.isFinite(fraction) ? Math.min(1, Math.max(0, fraction)) : Number.NaN;
}

/**
 * Models call one and the same van a car and a truck at once: in a third of the frames of a kerb at 640
 * pixels, with boxes that overlap by 0.9. Above this overlap two kinds of vehicle are one vehicle.
 */
export const oneVehicleIou = 0.7;
const vehicles: ReadonlySet<ObjectClass> = new Set<ObjectClass>(['car', 'bus', 'truck']);

/**
 * Greedy non-maximum suppression within each class, and across kinds of vehicle; `sorted` has the highest
 * score first.
 */
export function suppress(sorted: readonly Detection[], nmsIou: number): Detection[] {
  const kept: Detection[] = [];
  for (const detection of sorted) {
    const double = kept.some((other) => {
      if (other.class === detection.class) return iou(other.box, detection.box) > nmsIou;
      const bothVehicles = vehicles.has(other.class) && vehicles.has(detection.class);
      return bothVehicles && iou(other.box, detection.box) > oneVehicleIou;
    });
    if (!double) kept.push(detection);
  }
  return kept;
}
