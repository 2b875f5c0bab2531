import type { Measures } from './measures.ts';
import { leastReturns } from './swings.ts';

/** Why a blob is no object (yet), or `object`. */
export type BlobClass =
  | 'object'
  | 'too-small'
  | 'too-large'
  | 'outside-zones'
  | 'scattered'
  | 'not-still'
  | 'beside-something-detected'
  | 'light-changed'
  | 'swings'
  | 'uncovered'
  | 'soft-edged'
  | 'light-or-shade';

/** One condition: what was measured, and what it was held against. */
export interface Condition {
  readonly name: keyof Measures | 'still-s' | 'in-zone' | 'light-steady' | 'returns';
  readonly value: number;
  readonly threshold: number;
  readonly passed: boolean;
}

export interface Judgement {
  readonly is: BlobClass;
  readonly conditions: readonly Condition[];
}

/** Limits of what counts; parts are 0 to 1, differences natural logarithms. */
export const limits = {
  /** 8 of 6,000 cells: 10 x 12 pixels of a 416 x 256 input. */
  leastArea: 0.0013,
  mostArea: 0.25,
  leastInZone: 0.3,
  leastSolid: 0.5,
  mostTouching: 0.25,
  leastNewEdges: 0.4,
  leastBorder: 0.45,
  leastStructure: 0.1,
  leastColour: 0.3,
  /** Darker than any shade, brighter than any patch of sun among shade. */
  darkest: -1.4,
  brightest: 1.2,
} as const;

export interface Circumstances {
  /**
   * How long the middle one of its cells has been bare and unchanged, seconds; and how long it must have
   * been.
   */
  readonly stillS: number;
  readonly stillAfterS: number;
  /** Part of its cells inside a zone that counts objects. */
  readonly inZone: number;
  /** How often a region such as this has gone back to the ground of late: a door does. */
  readonly returns: number;
  /** No change of light over the picture at present. */
  readonly lightSteady: boolean;
}

/** Judges a blob: every condition in the order in which a person would ask, and the first that fails. */
export function judge(m: Measures, c: Circumstances): Judgement {
  const conditions: Condition[] = [];
  let is: BlobClass = 'object';
  const ask = (
    name: Condition['name'],
    value: number,
    threshold: number,
    passed: boolean,
    otherwise: BlobClass,
  ) => {
    conditions.push({ name, value, threshold, passed });
    if (!passed && is === 'object') is = otherwise;
  };
  ask('area', m.area, limits.leastArea, m.area >= limits.leastArea, 'too-small');
  if (m.area > limits.mostArea) ask('area', m.area, limits.mostArea, false, 'too-large');
  ask('in-zone', c.inZone, limits.leastInZone, c.inZone >= limits.leastInZone, 'outside-zones');
  ask('solid', m.solid, limits.leastSolid, m.solid >= limits.leastSolid, 'scattered');
  if (c.returns > 0) ask('returns', c.returns, leastReturns, c.returns < leastReturns, 'swings');
  ask('still-s', c.stillS, c.stillAfterS, c.stillS >= c.stillAfterS, 'not-still');
  ask(
    'touching',
    m.touching,
    limits.mostTouching,
    m.touching <= limits.mostTouching,
    'beside-something-detected',
  );
  ask('light-steady', Number(c.lightSteady), 1, c.lightSteady, 'light-changed');
  ask('newEdges', m.newEdges, limits.leastNewEdges, m.newEdges >= limits.leastNewEdges, 'uncovered');
  ask('border', m.border, limits.leastBorder, m.border >= limits.leastBorder, 'soft-edged');
  const beyondLight = m.luma < limits.darkest || m.luma > limits.brightest;
  const faces = m.structure >= limits.leastStructure;
  const colour = m.colour >= limits.leastColour;
  // One of the three is enough; the one that speaks is shown.
  if (beyondLight)
    ask('luma', m.luma, m.luma < 0 ? limits.darkest : limits.brightest, true, 'light-or-shade');
  else if (colour && !faces) ask('colour', m.colour, limits.leastColour, true, 'light-or-shade');
  else ask('structure', m.structure, limits.leastStructure, faces, 'light-or-shade');
  return { is, conditions };
}
