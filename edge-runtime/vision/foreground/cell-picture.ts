import type { Grid } from './grid.ts';

/**
 * One picture as cells, in logarithms, so that brighter or darker light of the same colour adds one number to
 * all of `luma` and nothing to the two colour ratios: luma = ln(Y + floor), red = ln((R + floor) / (G +
 * floor)), blue = ln((B + floor) / (G + floor)).
 */
export interface CellPicture {
  readonly luma: Float32Array;
  readonly red: Float32Array;
  readonly blue: Float32Array;
}

/**
 * Added to levels (0 to 255) before the logarithm: below it is sensor noise, of which the logarithm would
 * make contrast.
 */
const floor = 12;
/** Levels are looked up in sixteenths. */
const finer = 16;
const logarithms = Float32Array.from({ length: 255 * finer + 2 }, (_, i) => Math.log(i / finer + floor));
/** Bounds of `luma`. */
export const darkest = Math.log(floor);
export const brightest = Math.log(255 + floor);

export function newCellPicture(cells: number): CellPicture {
  return {
    luma: new Float32Array(cells),
    red: new Float32Array(cells),
    blue: new Float32Array(cells),
  };
}

/**
 * Averages `gbrp` planes over cells; of cells of 4 lines or more every second line, which halves the cost.
 */
export class CellReducer {
  readonly #grid: Grid;
  readonly #everyLine: number;
  readonly #sums: readonly [Uint32Array, Uint32Array, Uint32Array];

  constructor(grid: Grid) {
    this.#grid = grid;
    this.#everyLine = grid.step >= 4 ? 2 : 1;
    this.#sums = [
      new Uint32Array(grid.columns),
      new Uint32Array(grid.columns),
      new Uint32Array(grid.columns),
    ];
  }

  /** Fills `into`; returns the mean difference between the colours, levels: an infrared picture has none. */
  reduce(planes: Uint8Array, into: CellPicture): number {
    const { columns, rows, step, input } = this.#grid;
    const pixels = input.width * input.height;
    const [g, b, r] = this.#sums;
    const scale = finer / (step * Math.ceil(step / this.#everyLine));
    let colour = 0;
    for (let row = 0; row < rows; row++) {
      const from = row * step * input.width;
      this.#addUp(planes, from, g);
      this.#addUp(planes, from + pixels, b);
      this.#addUp(planes, from + 2 * pixels, r);
      for (let column = 0; column < columns; column++) {
        const cell = row * columns + column;
        const red = (r[column] as number) * scale;
        const green = (g[column] as number) * scale;
        const blue = (b[column] as number) * scale;
        const logGreen = logarithms[green | 0] as number;
        into.luma[cell] = logarithms[((2 * red + 5 * green + blue) / 8) | 0] as number;
        into.red[cell] = (logarithms[red | 0] as number) - logGreen;
        into.blue[cell] = (logarithms[blue | 0] as number) - logGreen;
        colour += Math.abs(red - green) + Math.abs(blue - green);
      }
    }
    return colour / (2 * finer * columns * rows);
  }

  /** Sums of one row of cells in one plane. */
  #addUp(planes: Uint8Array, from: number, sums: Uint32Array): void {
    const { columns, step, input } = this.#grid;
    sums.fill(0);
    for (let line = 0; line < step; line += this.#everyLine) {
      let pixel = from + line * input.width;
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let i = 0; i < step; i++) sum += planes[pixel++] as number;
        sums[column] = (sums[column] as number) + sum;
      }
    }
  }
}
