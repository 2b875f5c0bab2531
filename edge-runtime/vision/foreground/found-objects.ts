import type { Box } from '@gatehouse/contracts';
import { strengthOf } from './baseline.ts';
import { type Blob, rectOf } from './blobs.ts';
import { type CellPicture, newCellPicture } from './cell-picture.ts';
import { boxOfCells, eachCell, type Grid } from './grid.ts';

/** An object left behind, as it is known now. */
export interface LeftObject {
  readonly id: number;
  /** Fractions of the picture. */
  readonly box: Box;
  /** Unchanged since, frame time in milliseconds. */
  readonly sinceMs: number;
  /** How clearly it differs from the baseline, 0 to 1. */
  readonly score: number;
  /** False while something detected hides it, and while it does not show. */
  readonly seen: boolean;
}

interface Found {
  readonly slot: number;
  readonly id: number;
  readonly sinceMs: number;
  readonly score: number;
  readonly firstCells: number;
  box: Box;
  seen: boolean;
  /** How long it has been seen to be gone, and how long to look like something else. */
  goneMs: number;
  otherMs: number;
}

/** Evidence of the frame about the cells of found objects. */
export interface ObjectEvidence {
  readonly foreground: Uint8Array;
  readonly known: Uint8Array;
  readonly hidden: Uint8Array;
  readonly recent: CellPicture;
  readonly elapsedMs: number;
}

/** Most objects at once; above, newcomers are not taken (drop policy: drop-newest). */
export const maxObjects = 32;
/** Gone when less than this part of it has been seen to differ for this long. */
const stillTherePart = 0.4;
const goneAfterMs = 2_000;
/** Seen when at least this part of it is. */
const seenPart = 0.5;
/**
 * It is another thing, or light where it was, when this part of it has looked so different for this long
 * (natural logarithm, beyond what all of it differs by). It is let go then, and what is there is judged anew.
 */
const otherPart = 0.6;
const otherLook = 0.25;
const otherAfterMs = 6_000;
/** Its look follows small changes over this long. */
const lookMs = 30_000;
/** It may grow to this many times the cells it was found with. */
const mostGrowth = 3;

/** The objects that were found, and which cells are theirs. */
export class FoundObjects {
  /** 0, or the slot of the object that owns the cell; the rim that is cut by its outline included. */
  readonly owner: Uint8Array;
  /** 1: a cell by which its object is told to be there. */
  readonly core: Uint8Array;
  /** Look of owned cells, in the present kind of light. */
  readonly #look: CellPicture;
  readonly #looked: Uint8Array;
  readonly #grid: Grid;
  #list: Found[] = [];

  constructor(grid: Grid) {
    this.#grid = grid;
    const cells = grid.columns * grid.rows;
    this.owner = new Uint8Array(cells);
    this.core = new Uint8Array(cells);
    this.#look = newCellPicture(cells);
    this.#looked = new Uint8Array(cells);
  }

  get list(): LeftObject[] {
    return this.#list.map(({ id, box, sinceMs, score, seen }) => ({ id, box, sinceMs, score, seen }));
  }

  clear(): void {
    for (const found of this.#list) this.#release(found);
    this.#list = [];
  }

  add(id: number, blob: Blob, sinceMs: number, score: number): void {
    const used = new Set(this.#list.map(({ slot }) => slot));
    const slot = Array.from({ length: maxObjects }, (_, i) => i + 1).find((i) => !used.has(i));
    if (slot === undefined) return;
    const box = boxOfCells(this.#grid, blob.rect);
    const found = {
      slot,
      id,
      sinceMs,
      score,
      firstCells: blob.cells.length,
      box,
      seen: true,
      goneMs: 0,
      otherMs: 0,
    };
    this.#list.push(found);
    this.#claim(found, blob);
  }

  /** Gives a blob that leans on a found object, and is smaller, to it; false if there is none. */
  join(blob: Blob): boolean {
    const beside = new Map<number, number>();
    for (const cell of blob.cells)
      for (const step of [1, -1, this.#grid.columns, -this.#grid.columns]) {
        const slot = this.owner[cell + step] ?? 0;
        if (slot > 0) beside.set(slot, (beside.get(slot) ?? 0) + 1);
      }
    const slot = [...beside].sort((a, b) => b[1] - a[1])[0]?.[0];
    const found = this.#list.find((other) => other.slot === slot);
    if (!found) return false;
    const size = this.#cellsOf(found).length;
    if (blob.cells.length > size || size + blob.cells.length > mostGrowth * found.firstCells) return false;
    this.#claim(found, blob);
    return true;
  }

  /** Takes a frame in: which objects are seen, and which are gone. */
  update(evidence: ObjectEvidence): void {
    const here = this.#list.filter((found) => this.#isThere(found, evidence));
    for (const found of this.#list) if (!here.includes(found)) this.#release(found);
    this.#list = here;
  }

  /** Another kind of light: how objects look in it is not known yet. */
  forgetLooks(): void {
    this.#looked.fill(0);
  }

  /** Remembers how the visible cells of objects look now, those that have no look yet. */
  rememberLooks({ recent, hidden }: ObjectEvidence): void {
    for (let cell = 0; cell < this.owner.length; cell++) {
      if (this.owner[cell] === 0 || hidden[cell] === 1 || this.#looked[cell] === 1) continue;
      this.#looked[cell] = 1;
      for (const plane of ['luma', 'red', 'blue'] as const)
        this.#look[plane][cell] = recent[plane][cell] as number;
    }
  }

  /** State that survives a restart; plain JSON beside `owner` and `core`. */
  save(): SavedObject[] {
    return this.#list.map(({ slot, id, sinceMs, score, firstCells }) => ({
      slot,
      id,
      sinceMs,
      score,
      firstCells,
    }));
  }

  restore(saved: readonly SavedObject[], owner: Uint8Array, core: Uint8Array): void {
    this.owner.set(owner);
    this.core.set(core);
    this.#list = saved.map((object) => ({
      ...object,
      box: { x1: 0, y1: 0, x2: 1, y2: 1 },
      seen: false,
      goneMs: 0,
      otherMs: 0,
    }));
    this.#list = this.#list.filter((found) => this.#cellsOf(found).length > 0);
    for (const found of this.#list) this.#outline(found);
  }

  #isThere(found: Found, evidence: ObjectEvidence): boolean {
    const { foreground, known, hidden, elapsedMs } = evidence;
    const cells = this.#cellsOf(found);
    const visible = cells.filter((cell) => hidden[cell] === 0);
    found.seen = visible.length >= seenPart * cells.length;
    if (!found.seen) return true;
    const looked = visible.filter((cell) => this.#looked[cell] === 1);
    const others = this.#others(looked, evidence);
    const other = others > otherPart * looked.length;
    if (!other) this.#followLook(looked, evidence);
    found.otherMs = other ? found.otherMs + elapsedMs : 0;
    let differing = 0;
    for (const cell of visible) if (known[cell] === 0 || foreground[cell] === 1) differing++;
    found.seen = differing >= stillTherePart * visible.length;
    found.goneMs = found.seen ? 0 : found.goneMs + elapsedMs;
    return found.goneMs <= goneAfterMs && found.otherMs <= otherAfterMs;
  }

  /** How many cells look different, beyond what light does to all of them. */
  #others(cells: readonly number[], { recent }: ObjectEvidence): number {
    const look = this.#look;
    const off = cells.map((cell) => (recent.luma[cell] as number) - (look.luma[cell] as number));
    const light = off.toSorted((a, b) => a - b)[off.length >> 1] ?? 0;
    let others = 0;
    for (const [i, cell] of cells.entries()) {
      const red = (recent.red[cell] as number) - (look.red[cell] as number);
      const blue = (recent.blue[cell] as number) - (look.blue[cell] as number);
      if (strengthOf((off[i] as number) - light, red, blue) > otherLook) others++;
    }
    return others;
  }

  #followLook(cells: readonly number[], { recent, elapsedMs }: ObjectEvidence): void {
    const part = elapsedMs / (lookMs + elapsedMs);
    for (const plane of ['luma', 'red', 'blue'] as const)
      for (const cell of cells) {
        const before = this.#look[plane][cell] as number;
        this.#look[plane][cell] = before + part * ((recent[plane][cell] as number) - before);
      }
  }

  #cellsOf({ slot }: Found): number[] {
    const cells: number[] = [];
    for (let cell = 0; cell < this.owner.length; cell++)
      if (this.owner[cell] === slot && this.core[cell] === 1) cells.push(cell);
    return cells;
  }

  #claim(found: Found, { cells, rect }: Blob): void {
    const { columns, rows } = this.#grid;
    for (const cell of cells) {
      this.owner[cell] = found.slot;
      this.core[cell] = 1;
    }
    const around = {
      left: Math.max(0, rect.left - 1),
      top: Math.max(0, rect.top - 1),
      right: Math.min(columns, rect.right + 1),
      bottom: Math.min(rows, rect.bottom + 1),
    };
    const inside = new Set(cells);
    const near = [1, -1, columns, -columns];
    eachCell(this.#grid, around, (cell) => {
      if (this.owner[cell] === 0 && near.some((step) => inside.has(cell + step)))
        this.owner[cell] = found.slot;
    });
    this.#outline(found);
  }

  #outline(found: Found): void {
    found.box = boxOfCells(this.#grid, rectOf(this.#grid, this.#cellsOf(found)));
  }

  #release({ slot }: Found): void {
    for (let cell = 0; cell < this.owner.length; cell++)
      if (this.owner[cell] === slot) {
        this.owner[cell] = 0;
        this.core[cell] = 0;
        this.#looked[cell] = 0;
      }
  }
}

export interface SavedObject {
  readonly slot: number;
  readonly id: number;
  readonly sinceMs: number;
  readonly score: number;
  readonly firstCells: number;
}
