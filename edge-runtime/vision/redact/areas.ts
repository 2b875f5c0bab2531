import type { Box } from '@gatehouse/contracts';
import type { Picture } from './picture.ts';

/**
 * Detectors draw a face from brow to chin; hair, ears and jaw make a person known, too: so much of its size
 * on every side.
 */
const faceMargin = 0.35;
/** Head and shoulders of someone who stands: this much of the box's height from its top ... */
const headShare = 0.35;
/** ... or of its width, where a person is cut off below (a bust is as wide as high). */
const headOfWidth = 0.9;
/** Boxes of people cut hair off and sit askew on whoever turns; shares of the box's width. */
const headMargin = 0.15;

/**
 * A face with its margin. Boxes in fractions of the picture, clamped to it; `aspect` is the picture's width
 * over its height.
 */
export function faceArea({ x1, y1, x2, y2 }: Box, aspect: number): Box {
  // By the longer side: the narrow box of a profile has the whole back of a head beside it.
  const side = Math.max((x2 - x1) * aspect, y2 - y1);
  return clamped(
    x1 - (faceMargin * side) / aspect,
    y1 - faceMargin * side,
    x2 + (faceMargin * side) / aspect,
    y2 + faceMargin * side,
  );
}

/**
 * Where head and shoulders of a person are. Someone whose box is wider than high lies or is cut off: all of
 * it.
 */
export function headArea({ x1, y1, x2, y2 }: Box, aspect: number): Box {
  const width = (x2 - x1) * aspect;
  const height = y2 - y1;
  const head = width > height ? height : Math.min(height, Math.max(headShare * height, headOfWidth * width));
  const aside = headMargin * (x2 - x1);
  return clamped(x1 - aside, y1 - headMargin * width, x2 + aside, y1 + head);
}

/**
 * The picture with every area one flat grey, rounded outwards to whole pixels and one more. Nothing of what
 * was there is left.
 */
export function filled(picture: Picture, areas: readonly Box[]): Picture {
  const { width, height } = picture;
  const rgb = Uint8Array.from(picture.rgb);
  for (const { x1, y1, x2, y2 } of areas) {
    const left = Math.max(0, Math.floor(x1 * width) - 1);
    const right = Math.min(width, Math.ceil(x2 * width) + 1);
    const bottom = Math.min(height, Math.ceil(y2 * height) + 1);
    for (let y = Math.max(0, Math.floor(y1 * height) - 1); y < bottom; y++)
      rgb.fill(fillGrey, 3 * (y * width + left), 3 * (y * width + right));
  }
  return { width, height, rgb };
}

/** No colour that skin has. */
export const fillGrey = 64;

function clamped(x1: number, y1: number, x2: number, y2: number): Box {
  return { x1: Math.max(0, x1), y1: Math.max(0, y1), x2: Math.min(1, x2), y2: Math.min(1, y2) };
}
