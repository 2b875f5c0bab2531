import type { Box, Point } from '@gatehouse/contracts';
import { insidePolygon } from '@gatehouse/contracts';
import type { InputShape } from '../detect/detector.ts';
import { fittedSize, type Size } from '../detect/fit.ts';

/**
 * Cells along the longer side: a cell is 4 pixels of a 416 pixel wide input, or a hand's breadth at ten
 * metres.
 */
const longSideCells = 104;

/**
 * The small picture that the foreground works on: square cells over the part of the input that holds the
 * picture.
 */
export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Side of a cell, pixels of the detector's input. */
  readonly step: number;
  /** The detector's input, pixels: rows of its planes are this wide. */
  readonly input: Size;
  /** The part of the input that holds the picture, pixels from the top left. */
  readonly fitted: Size;
}

/** The grid for pictures of one size at one input shape. */
export function gridOf(input: InputShape, source: Size): Grid {
  const fitted = fittedSize(input, source);
  const step = Math.max(1, Math.round(Math.max(fitted.width, fitted.height) / longSideCells));
  return {
    columns: Math.max(1, Math.floor(fitted.width / step)),
    rows: Math.max(1, Math.floor(fitted.height / step)),
    step,
    input: { width: input.width, height: input.height },
    fitted,
  };
}

/** Cells as half-open ranges. */
export interface CellRect {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** All cells that a box (fractions of the picture) touches, grown by `margin` of its size and one cell. */
export function cellsOf(grid: Grid, box: Box, margin: number): CellRect {
  const { columns, rows, step, fitted } = grid;
  const dx = (box.x2 - box.x1) * margin;
  const dy = (box.y2 - box.y1) * margin;
  const at = (fraction: number, pixels: number) => (fraction * pixels) / step;
  return {
    left: Math.max(0, Math.floor(at(box.x1 - dx, fitted.width)) - 1),
    top: Math.max(0, Math.floor(at(box.y1 - dy, fitted.height)) - 1),
    right: Math.min(columns, Math.ceil(at(box.x2 + dx, fitted.width)) + 1),
    bottom: Math.min(rows, Math.ceil(at(box.y2 + dy, fitted.height)) + 1),
  };
}

/** A range of cells as a box in fractions of the picture. */
export function boxOfCells({ step, fitted }: Grid, rect: CellRect): Box {
  const part = (cells: number, pixels: number) => Math.min(1, (cells * step) / pixels);
  return {
    x1: part(rect.left, fitted.width),
    y1: part(rect.top, fitted.height),
    x2: part(rect.right, fitted.width),
    y2: part(rect.bottom, fitted.height),
  };
}

/** 1 for each cell whose middle lies in one of the polygons (fractions of the picture). */
export function cellsInside(grid: Grid, polygons: readonly (readonly Point[])[]): Uint8Array {
  const { columns, rows, step, fitted } = grid;
  const inside = new Uint8Array(columns * rows);
  for (let cell = 0; cell < inside.length; cell++) {
    const x = (((cell % columns) + 0.5) * step) / fitted.width;
    const y = ((Math.floor(cell / columns) + 0.5) * step) / fitted.height;
    if (polygons.some((polygon) => insidePolygon([x, y], polygon))) inside[cell] = 1;
  }
  return inside;
}

/** Calls `visit` with the index of each cell of a range. */
export function eachCell({ columns }: Grid, rect: CellRect, visit: (cell: number) => void): void {
  for (let row = rect.top; row < rect.bottom; row++)
    for (let column = rect.left; column < rect.right; column++) visit(row * columns + column);
}
