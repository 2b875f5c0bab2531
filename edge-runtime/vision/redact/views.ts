import type { Box } from '@gatehouse/contracts';
import type { InputShape } from '../detect/detector.ts';
import { fittedSize } from '../detect/fit.ts';
import { type Picture, resized } from './picture.ts';

/** Quarter turns, clockwise, by which a picture is turned before a detector looks at it, degrees. */
export type Turn = 0 | 90 | 180 | 270;

/** How a detector looks at a picture: turned, then mirrored left to right. */
export interface View {
  readonly turn: Turn;
  readonly mirrored: boolean;
}

export const asItIs: View = { turn: 0, mirrored: false };

/** Size of a picture, or shape of an input, after a turn. */
export function turnedSize<T extends { readonly width: number; readonly height: number }>(
  of: T,
  turn: Turn,
): T {
  return turn % 180 === 0 ? of : { ...of, width: of.height, height: of.width };
}

/** A box of a view in fractions of the picture itself. */
export function boxInPicture({ x1, y1, x2, y2 }: Box, { turn, mirrored }: View): Box {
  const [left, right] = mirrored ? [1 - x2, 1 - x1] : [x1, x2];
  if (turn === 90) return { x1: y1, y1: 1 - right, x2: y2, y2: 1 - left };
  if (turn === 180) return { x1: 1 - right, y1: 1 - y2, x2: 1 - left, y2: 1 - y1 };
  if (turn === 270) return { x1: 1 - y2, y1: left, x2: 1 - y1, y2: right };
  return { x1: left, y1, x2: right, y2 };
}

/**
 * A picture as inputs of one size, in any view, as `gbrp` planes. The picture is scaled once: all views of it
 * have the same pixels in another order. `input` is the shape of the view that is not turned.
 */
export class ScaledPicture {
  readonly #input: InputShape;
  readonly #picture: Picture;

  private constructor(picture: Picture, input: InputShape) {
    this.#picture = picture;
    this.#input = input;
  }

  static async of(picture: Picture, input: InputShape): Promise<ScaledPicture> {
    return new ScaledPicture(await resized(picture, fittedSize(input, picture)), input);
  }

  /** The input's shape in a view. */
  shape({ turn }: View): InputShape {
    return turnedSize(this.#input, turn);
  }

  /**
   * By how much a fraction of the input is larger as a fraction of the picture in it, which is letterboxed at
   * the top left.
   */
  reach({ turn }: View): { across: number; down: number } {
    const input = turnedSize(this.#input, turn);
    const { width, height } = turnedSize(this.#picture, turn);
    return { across: input.width / width, down: input.height / height };
  }

  planes(view: View): Uint8Array {
    const { rgb } = this.#picture;
    const input = this.shape(view);
    const { width, height } = turnedSize(this.#picture, view.turn);
    const { first, across, down } = this.#steps(view);
    const size = input.width * input.height;
    const planes = new Uint8Array(3 * size).fill(input.pad);
    for (let y = 0; y < height; y++) {
      let from = first + y * down;
      let to = y * input.width;
      for (const end = to + width; to < end; to++, from += across) {
        planes[to] = rgb[from + 1] as number;
        planes[size + to] = rgb[from + 2] as number;
        planes[2 * size + to] = rgb[from] as number;
      }
    }
    return planes;
  }

  /**
   * Where the view's first pixel lies in the picture's bytes, and how far its neighbours to the right and
   * below are.
   */
  #steps({ turn, mirrored }: View): { first: number; across: number; down: number } {
    const { width, height } = this.#picture;
    const [pixel, row] = [3, 3 * width];
    const [right, bottom] = [pixel * (width - 1), row * (height - 1)];
    const upright = {
      0: { first: 0, across: pixel, down: row, last: right },
      90: { first: bottom, across: -row, down: pixel, last: 0 },
      180: { first: bottom + right, across: -pixel, down: -row, last: bottom },
      270: { first: right, across: row, down: -pixel, last: right + bottom },
    }[turn];
    if (!mirrored) return upright;
    return { first: upright.last, across: -upright.across, down: upright.down };
  }
}
