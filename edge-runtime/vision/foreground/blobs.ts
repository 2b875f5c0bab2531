import type { CellRect, Grid } from './grid.ts';

/** Cells that belong together. */
export interface Blob {
  readonly cells: Int32Array;
  readonly rect: CellRect;
}

/**
 * Cells up to this far apart (in both directions) belong together: one face of a box may look like the
 * ground.
 */
const gap = 2;
/** Most blobs of one picture; the smallest are dropped. */
const maxBlobs = 32;

/** Groups the cells whose `mask` is 1 into blobs of at least `leastCells`, largest first. */
export function findBlobs(grid: Grid, mask: Uint8Array, leastCells: number): Blob[] {
  const { columns, rows } = grid;
  const left = Uint8Array.from(mask);
  const stack: number[] = [];
  const blobs: Blob[] = [];
  const reach = (cell: number) => {
    const column = cell % columns;
    const row = (cell - column) / columns;
    for (let y = Math.max(0, row - gap); y <= Math.min(rows - 1, row + gap); y++)
      for (let x = Math.max(0, column - gap); x <= Math.min(columns - 1, column + gap); x++) {
        const near = y * columns + x;
        if (left[near] === 0) continue;
        left[near] = 0;
        stack.push(near);
      }
  };
  for (let start = 0; start < left.length; start++) {
    if (left[start] === 0) continue;
    left[start] = 0;
    stack.push(start);
    const cells: number[] = [];
    for (let cell = stack.pop(); cell !== undefined; cell = stack.pop()) {
      cells.push(cell);
      reach(cell);
    }
    if (cells.length >= leastCells) blobs.push({ cells: Int32Array.from(cells), rect: rectOf(grid, cells) });
  }
  return blobs.sort((a, b) => b.cells.length - a.cells.length).slice(0, maxBlobs);
}

/** The smallest range that holds all of some cells. */
export function rectOf({ columns }: Grid, cells: Iterable<number>): CellRect {
  let [left, top, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
  for (const cell of cells) {
    const column = cell % columns;
    const row = (cell - column) / columns;
    left = Math.min(left, column);
    top = Math.min(top, row);
    right = Math.max(right, column + 1);
    bottom = Math.max(bottom, row + 1);
  }
  return { left, top, right, bottom };
}
