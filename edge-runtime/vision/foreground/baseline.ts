import { type CellPicture, newCellPicture } from './cell-picture.ts';
import type { Grid } from './grid.ts';
import type { LightShift } from './light.ts';

/**
 * Two views of a cell are kept: in sun and in shade, or with and without what stood there when the baseline
 * was taken.
 */
export const views = 2;
/** A cell's assumed noise before it is known, and its bounds. */
const firstNoise = 0.03;
const mostNoise = 0.3;
/**
 * Noise is averaged over this long, and small differences (dusk, a shadow's slow edge) are taken in over this
 * long.
 */
const noiseMs = 60_000;
const driftMs = 30_000;
/** Light of the whole picture is taken in over this long; until then it is allowed for as a shift. */
const lightMs = 60_000;

/** The parts of a baseline that are kept over a restart. */
export type SavedBaseline = Pick<Baseline, 'view' | 'known' | 'active' | 'noise'>;

/**
 * The camera's view when nothing is left behind: for each cell up to two views, how noisy it is (rain,
 * leaves), and how strong the edges around it are (a shaking camera moves them). Its levels are of one light,
 * from which `LightShift` tells today's.
 */
export class Baseline {
  readonly cells: number;
  readonly view: readonly CellPicture[];
  /** Bit k set: view k is known. */
  readonly known: Uint8Array;
  /** The view that the cell showed last. */
  readonly active: Uint8Array;
  readonly noise: Float32Array;
  /** Strongest difference to a neighbour cell, of the active view. */
  readonly edge: Float32Array;
  /** The active views as one picture. */
  readonly shown: CellPicture;
  readonly #grid: Grid;

  constructor(grid: Grid) {
    this.#grid = grid;
    this.cells = grid.columns * grid.rows;
    this.view = Array.from({ length: views }, () => newCellPicture(this.cells));
    this.known = new Uint8Array(this.cells);
    this.active = new Uint8Array(this.cells);
    this.noise = new Float32Array(this.cells).fill(firstNoise);
    this.edge = new Float32Array(this.cells);
    this.shown = newCellPicture(this.cells);
  }

  /** Becomes what another one of the same grid was. */
  copy({ view, known, active, noise }: SavedBaseline): void {
    view.forEach((from, i) => {
      for (const plane of ['luma', 'red', 'blue'] as const) this.view[i]?.[plane].set(from[plane]);
    });
    this.known.set(known);
    this.noise.set(noise);
    for (let cell = 0; cell < this.cells; cell++) this.show(cell, (active[cell] as number) & 1);
    this.findEdges();
  }

  /** Takes a cell in for the first time, or as a second view in place of the one it does not show. */
  learn(cell: number, luma: number, red: number, blue: number): void {
    const known = this.known[cell] as number;
    const into = known === 0 ? 0 : 1 - (this.active[cell] as number);
    const view = this.view[into] as CellPicture;
    view.luma[cell] = luma;
    view.red[cell] = red;
    view.blue[cell] = blue;
    this.known[cell] = known | (1 << into);
    this.show(cell, into);
  }

  /** Says which view a cell shows now. */
  show(cell: number, index: number): void {
    const view = this.view[index] as CellPicture;
    this.active[cell] = index;
    this.shown.luma[cell] = view.luma[cell] as number;
    this.shown.red[cell] = view.red[cell] as number;
    this.shown.blue[cell] = view.blue[cell] as number;
  }

  /**
   * A cell that shows its active view, off by the given residuals: slow change is taken in, and the noise is
   * known better.
   */
  follow(cell: number, luma: number, red: number, blue: number, off: number, elapsedMs: number): void {
    const view = this.view[this.active[cell] as number] as CellPicture;
    const part = elapsedMs / (driftMs + elapsedMs);
    this.shown.luma[cell] = view.luma[cell] = (view.luma[cell] as number) + part * luma;
    this.shown.red[cell] = view.red[cell] = (view.red[cell] as number) + part * red;
    this.shown.blue[cell] = view.blue[cell] = (view.blue[cell] as number) + part * blue;
    const noise = this.noise[cell] as number;
    this.noise[cell] = Math.min(mostNoise, noise + (elapsedMs / (noiseMs + elapsedMs)) * (off - noise));
  }

  /** A cell that keeps changing is noisy, whatever it is. */
  unsettle(cell: number, elapsedMs: number): void {
    const noise = this.noise[cell] as number;
    this.noise[cell] = noise + (elapsedMs / (noiseMs + elapsedMs)) * (mostNoise - noise);
  }

  /**
   * Moves all levels a little towards today's light, also those of cells that are hidden or hold an object:
   * all stay levels of one light. `alike` is another picture kept in that light.
   */
  followLight(light: LightShift, elapsedMs: number, alike: CellPicture): void {
    const part = elapsedMs / (lightMs + elapsedMs);
    for (const { luma, red, blue } of [...this.view, this.shown, alike])
      for (let cell = 0; cell < this.cells; cell++) {
        const level = luma[cell] as number;
        luma[cell] = level + part * light.at(level);
        red[cell] = (red[cell] as number) + part * light.red;
        blue[cell] = (blue[cell] as number) + part * light.blue;
      }
  }

  /** Finds the edges anew; they change little, so every few seconds is often enough. */
  findEdges(): void {
    const { columns, rows } = this.#grid;
    this.edge.fill(0);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const cell = row * columns + column;
        if (column + 1 < columns) this.#edgeBetween(cell, cell + 1);
        if (row + 1 < rows) this.#edgeBetween(cell, cell + columns);
      }
  }

  #edgeBetween(a: number, b: number): void {
    if (this.known[a] === 0 || this.known[b] === 0) return;
    const strength = difference(this.shown, a, this.shown, b);
    if (strength > (this.edge[a] as number)) this.edge[a] = strength;
    if (strength > (this.edge[b] as number)) this.edge[b] = strength;
  }
}

/** How much two cells differ: in luma, and at half weight in each colour ratio. Natural logarithms. */
export function difference(a: CellPicture, i: number, b: CellPicture, j: number): number {
  return strengthOf(
    (a.luma[i] as number) - (b.luma[j] as number),
    (a.red[i] as number) - (b.red[j] as number),
    (a.blue[i] as number) - (b.blue[j] as number),
  );
}

/** The size of a difference. */
export function strengthOf(luma: number, red: number, blue: number): number {
  return Math.abs(luma) + (Math.abs(red) + Math.abs(blue)) / 2;
}
