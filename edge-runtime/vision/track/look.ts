import type { Box } from '@gatehouse/contracts';

/**
 * A grey picture, or one plane of a colour one: row by row, `stride` bytes a row, of which the first `width`
 * count.
 */
export interface GreyPicture {
  readonly pixels: Uint8Array;
  readonly stride: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Look of a part of a picture: 12 x 12 grey values less their mean, scaled to length 1; all 0 where it is
 * even.
 */
export type Look = Float32Array;

const side = 12;
export const lookLength = side * side;
/**
 * Points taken of each cell of the look in both directions: few enough to cost 0.01 ms, enough against noise.
 */
const samples = 2;
/** Grey values that differ by less than this on average are noise on an even thing, and no look (levels). */
const leastContrast = 3;

/** The ring around a box reaches out to this many times its width and height. */
const ringSize = 1.6;

/** The look of a box, fractions of the picture. */
export function lookAt(picture: GreyPicture, box: Box): Look {
  const { look, sum } = cellsOf(picture, box);
  return normalised(look, sum / look.length);
}

/** The look of the ring around a box: what lies near it. The box itself counts as even. */
export function lookAround(picture: GreyPicture, { x1, y1, x2, y2 }: Box): Look {
  const [marginX, marginY] = [((x2 - x1) * (ringSize - 1)) / 2, ((y2 - y1) * (ringSize - 1)) / 2];
  const { look } = cellsOf(picture, {
    x1: x1 - marginX,
    y1: y1 - marginY,
    x2: x2 + marginX,
    y2: y2 + marginY,
  });
  const ring = look.map((value, cell) => (isInBox(cell) ? Number.NaN : value));
  const outside = ring.filter((value) => !Number.isNaN(value));
  const mean = outside.reduce((sum, value) => sum + value, 0) / outside.length;
  return normalised(
    ring.map((value) => (Number.isNaN(value) ? mean : value)),
    mean,
  );
}

/** True for a cell of the ring's square that the box covers, or touches. */
function isInBox(cell: number): boolean {
  const rim = (side * (1 - 1 / ringSize)) / 2 - 0.5;
  const inside = (at: number) => at + 0.5 > rim && at + 0.5 < side - rim;
  return inside(cell % side) && inside(Math.floor(cell / side));
}

/** True if it shows nothing by which it could be known. */
export function isPlain(look: Look): boolean {
  return look.every((value) => value === 0);
}

/** Sums of grey values, a cell each. */
function cellsOf({ pixels, stride, width, height }: GreyPicture, box: Box) {
  const look = new Float32Array(side * side);
  const at = (low: number, high: number, part: number, size: number) =>
    Math.min(size - 1, Math.max(0, Math.floor((low + (high - low) * part) * size)));
  const fine = side * samples;
  let sum = 0;
  for (let y = 0; y < fine; y++) {
    const row = at(box.y1, box.y2, (y + 0.5) / fine, height) * stride;
    for (let x = 0; x < fine; x++) {
      const value = pixels[row + at(box.x1, box.x2, (x + 0.5) / fine, width)] as number;
      const cell = Math.floor(y / samples) * side + Math.floor(x / samples);
      look[cell] = (look[cell] as number) + value;
      sum += value;
    }
  }
  return { look, sum };
}

/** How alike two looks are, -1 to 1, whatever the light: normalised cross-correlation. */
export function likeness(a: Look, b: Look): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** A look that has moved a part of the way to another. */
export function mixed(a: Look, b: Look, part: number): Look {
  const mix = a.map((value, i) => value + part * ((b[i] as number) - value));
  return normalised(mix, 0, 0);
}

function normalised(look: Look, mean: number, least = leastContrast * samples * samples * side): Look {
  let squares = 0;
  for (let i = 0; i < look.length; i++) {
    look[i] = (look[i] as number) - mean;
    squares += (look[i] as number) ** 2;
  }
  const length = Math.sqrt(squares);
  return length > least ? look.map((value) => value / length) : look.fill(0);
}
