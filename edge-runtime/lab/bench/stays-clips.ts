import type { Point } from '@gatehouse/contracts';

/** A recorded clip, or a part of its picture, in which nothing that the rules count stands. */
export interface QuietClip {
  /** In the folder of GATEHOUSE_MEDIA_DIR. */
  readonly file: string;
  /** Length of the clip in seconds: what is different in it, before it is looped. */
  readonly lengthS: number;
  /** The zone, in fractions of the picture. */
  readonly zone: readonly Point[];
  readonly rules: readonly RuleName[];
  /** Why no stay in it is a real one. Every line follows from a row "none" of the folder's EXPECTED.md. */
  readonly why: string;
}
export type RuleName = 'illegal-parking' | 'fire-passage';

const whole: readonly Point[] = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
/** The right half: the only vehicle of that clip stops in the left one. */
const rightHalf: readonly Point[] = [
  [0.5, 0.1],
  [1, 0.1],
  [1, 1],
  [0.5, 1],
];
const both = ['illegal-parking', 'fire-passage'] as const;
/** Where a row judges vehicles only. What else lies in the picture may be a thing left behind. */
const vehicles = ['illegal-parking'] as const;

/**
 * Left out: `street_parked_static_60s`, with parked vehicles in every part of its picture; the end of
 * `car_stop_75s`, the same empty scene as `empty_lot_60s`; clips without a row.
 */
export const quietClips: readonly QuietClip[] = [
  {
    file: 'empty_lot_60s.mp4',
    lengthS: 60,
    zone: whole,
    rules: both,
    why: 'An empty car park in which nothing happens: none at 10 s, for both rules.',
  },
  {
    file: 'person-bicycle-car-detection.mp4',
    lengthS: 38.31,
    zone: whole,
    rules: both,
    why: 'Cars, a cyclist and walkers pass: no vehicle stands for 10 s, and nothing is left behind.',
  },
  {
    file: 'car-detection.mp4',
    lengthS: 30.16,
    zone: whole,
    rules: both,
    why: 'Cars pass, seen from above: no vehicle stands for 10 s, and nothing is left behind.',
  },
  {
    file: 'car_stop_75s.mp4',
    lengthS: 89.33,
    zone: rightHalf,
    rules: both,
    why: 'The car stands in the left half. In the right half (zone Z2) it only passes: none at 30 s.',
  },
  {
    file: 'frigate_test_motion_video-1.mp4',
    lengthS: 135.5,
    zone: whole,
    rules: both,
    why: 'A doorway at night in which nothing happens: none at 10 s, for all rules.',
  },
  {
    file: 'frigate_test_motion_video-2.mp4',
    lengthS: 85.33,
    zone: whole,
    rules: both,
    why: 'The same doorway; a person passes: none at 10 s, for all rules.',
  },
  {
    file: 'bottle-detection.mp4',
    lengthS: 39.85,
    zone: whole,
    rules: vehicles,
    why: 'Bottles on a table: no vehicle for 10 s. The bottles do stand there, so fire-passage is not asked.',
  },
  {
    file: 'fruit-and-vegetable-detection_pingpong.mp4',
    lengthS: 13.47,
    zone: whole,
    rules: vehicles,
    why: 'Fruit on a belt: no vehicle for 10 s. The row does not judge things, so fire-passage is not asked.',
  },
  {
    file: 'one-by-one-person-detection.mp4',
    lengthS: 139.4,
    zone: whole,
    rules: vehicles,
    why: 'People at a table, indoors: its row is about people, and there is no vehicle. The table is a thing.',
  },
  {
    file: 'store-aisle-detection_pingpong_60s.mp4',
    lengthS: 60,
    zone: whole,
    rules: vehicles,
    why: 'People in the aisle of a shop: its rows are about people, and there is no vehicle. Goods are things.',
  },
];
