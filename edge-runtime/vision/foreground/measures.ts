import { difference, strengthOf } from './baseline.ts';
import type { Blob } from './blobs.ts';
import type { CellPicture } from './cell-picture.ts';
import { eachCell, type Grid } from './grid.ts';

/**
 * Measures of a blob that tell a thing from light. Differences in natural logarithms (0.1: a tenth brighter).
 */
export interface Measures {
  /** Part of the picture. */
  readonly area: number;
  /** Part of its cells that lie in a solid block of four. */
  readonly solid: number;
  /** Mean difference to the baseline, and the mean of luma alone (below 0: darker). */
  readonly contrast: number;
  readonly luma: number;
  /**
   * How uneven the difference is inside, root mean square from cell to cell: light changes all alike, a thing
   * has faces.
   */
  readonly structure: number;
  /** How far the colour differs; light and shade leave it nearly alone. */
  readonly colour: number;
  /**
   * Step of the difference at the border as a part of the contrast: 1 for a thing, towards 0 for a pool of
   * light.
   */
  readonly border: number;
  /**
   * Edges at the border now, as a part of those now and in the baseline: below a half the baseline had the
   * thing.
   */
  readonly newEdges: number;
  /** Part of the border that touches what is hidden by people and vehicles. */
  readonly touching: number;
}

export interface Views {
  readonly grid: Grid;
  /** The picture and the baseline, in one light. */
  readonly recent: CellPicture;
  readonly base: CellPicture;
  readonly known: Uint8Array;
  readonly hidden: Uint8Array;
}

/** Measures a blob. */
export function measure(blob: Blob, views: Views): Measures {
  const inside = new Set(blob.cells);
  const sums = { luma: 0, red: 0, blue: 0, strength: 0 };
  for (const cell of blob.cells) {
    const off = offAt(views, cell);
    sums.luma += off.luma;
    sums.red += off.red;
    sums.blue += off.blue;
    sums.strength += strengthOf(off.luma, off.red, off.blue);
  }
  const n = blob.cells.length;
  const contrast = sums.strength / n;
  const rim = rimOf(blob, inside, views);
  return {
    area: n / (views.grid.columns * views.grid.rows),
    solid: solidPart(blob, inside, views.grid),
    contrast,
    luma: sums.luma / n,
    structure: structureOf(blob, inside, views),
    colour: (Math.abs(sums.red) + Math.abs(sums.blue)) / n,
    border: rim.pairs > 0 ? rim.step / rim.pairs / contrast : 0,
    newEdges: rim.now + rim.before > 0 ? rim.now / (rim.now + rim.before) : 0,
    touching: rim.sides > 0 ? rim.touching / rim.sides : 0,
  };
}

function offAt({ recent, base }: Views, cell: number) {
  return {
    luma: (recent.luma[cell] as number) - (base.luma[cell] as number),
    red: (recent.red[cell] as number) - (base.red[cell] as number),
    blue: (recent.blue[cell] as number) - (base.blue[cell] as number),
  };
}

/** How much the difference to the baseline differs between two cells. */
function stepBetween(views: Views, a: number, b: number): number {
  const p = offAt(views, a);
  const q = offAt(views, b);
  return strengthOf(p.luma - q.luma, p.red - q.red, p.blue - q.blue);
}

/** The cell `times` steps to one of four sides, or -1 beyond the picture. */
function beside({ columns, rows }: Grid, cell: number, side: number, times: number): number {
  const column = cell % columns;
  const row = (cell - column) / columns;
  const x = column + (side === 0 ? times : side === 1 ? -times : 0);
  const y = row + (side === 2 ? times : side === 3 ? -times : 0);
  return x >= 0 && y >= 0 && x < columns && y < rows ? y * columns + x : -1;
}

/**
 * Along the border: from each cell of the blob two cells outwards, so that cells cut by the border fall
 * between.
 */
function rimOf(blob: Blob, inside: ReadonlySet<number>, views: Views) {
  const { grid, recent, base, known, hidden } = views;
  const rim = { sides: 0, touching: 0, pairs: 0, step: 0, now: 0, before: 0 };
  for (const cell of blob.cells)
    for (let side = 0; side < 4; side++) {
      const next = beside(grid, cell, side, 1);
      const far = beside(grid, cell, side, 2);
      if (next < 0 || inside.has(next)) continue;
      rim.sides++;
      if (hidden[next] === 1) rim.touching++;
      if (far < 0 || inside.has(far) || hidden[far] === 1 || known[far] === 0) continue;
      rim.pairs++;
      rim.step += stepBetween(views, cell, far);
      rim.now += difference(recent, cell, recent, far);
      rim.before += difference(base, cell, base, far);
    }
  return rim;
}

/** Fewer pairs of inner cells than this say nothing; then all pairs of the blob are taken. */
const leastPairs = 4;

function structureOf(blob: Blob, inside: ReadonlySet<number>, views: Views): number {
  const { grid, known } = views;
  // A cell that is cut by the line between a dark and a bright face may look like the ground: it is a hole in
  // the blob.
  const filled = new Set(inside);
  const holds = (cell: number, side: number) =>
    inside.has(beside(grid, cell, side, 1)) || inside.has(beside(grid, cell, side, 2));
  eachCell(grid, blob.rect, (cell) => {
    if (known[cell] === 0 || inside.has(cell)) return;
    if ((holds(cell, 0) && holds(cell, 1)) || (holds(cell, 2) && holds(cell, 3))) filled.add(cell);
  });
  const inner = (cell: number) => [0, 1, 2, 3].every((side) => filled.has(beside(grid, cell, side, 1)));
  const among = (counts: (cell: number) => boolean) => {
    let pairs = 0;
    let squares = 0;
    for (const cell of filled) {
      if (!counts(cell)) continue;
      for (const side of [0, 2]) {
        const next = beside(grid, cell, side, 1);
        if (next < 0 || !counts(next)) continue;
        pairs++;
        squares += stepBetween(views, cell, next) ** 2;
      }
    }
    return { pairs, rms: pairs > 0 ? Math.sqrt(squares / pairs) : 0 };
  };
  const core = among(inner);
  return core.pairs >= leastPairs ? core.rms : among((cell) => filled.has(cell)).rms;
}

function solidPart(blob: Blob, inside: ReadonlySet<number>, { columns }: Grid): number {
  let solid = 0;
  for (const cell of blob.cells) {
    const corner = (dx: number, dy: number) =>
      inside.has(cell + dx) && inside.has(cell + dy * columns) && inside.has(cell + dx + dy * columns);
    if (corner(1, 1) || corner(1, -1) || corner(-1, 1) || corner(-1, -1)) solid++;
  }
  return solid / blob.cells.length;
}
