import { strengthOf } from './baseline.ts';
import type { Blob } from './blobs.ts';
import type { CellPicture } from './cell-picture.ts';

/** A region in the state that is not the ground: a door that stands open. */
interface Region {
  readonly cells: Int32Array;
  readonly luma: Float32Array;
  readonly red: Float32Array;
  readonly blue: Float32Array;
}

interface Known extends Region {
  /** How often it has gone back to the ground, the last time at `returnedMs`. */
  readonly returns: number;
  readonly returnedMs: number;
}

/** Evidence of a frame. */
export interface SwingEvidence {
  readonly atMs: number;
  /** Foreground that has not changed for moments and belongs to no object, largest first. */
  readonly blobs: readonly Blob[];
  readonly recent: CellPicture;
  /** 1: shows the ground. */
  readonly bare: Uint8Array;
  readonly hidden: Uint8Array;
}

/** So often it must have gone back: what is put down and taken away does not come back just the same. */
export const leastReturns = 3;
/** Smaller regions are no doors: 8 cells, as the smallest thing. */
const leastCells = 8;
/** Two regions are one if their cells agree so far (intersection over union), and so many look alike. */
const sameCells = 0.7;
const alikePart = 0.8;
/** Difference up to which a cell looks alike, natural logarithm; the foreground begins at 0.14. */
const alikeLook = 0.2;
/** It has gone back when this part of what can be seen of it shows the ground. */
const bareParts = 0.8;
const seenPart = 0.5;
/**
 * Longer between two returns, it is no door: a trolley that comes every night must be told of every night.
 */
const rememberedMs = 60 * 60_000;
/** Most regions that are out, and that are known (drop policy: drop-oldest). */
const maxRegions = 16;

/**
 * Learns doors: regions that go to and fro between the ground and one other state. What has gone back so
 * often and looks as it did is no new thing.
 */
export class Swings {
  #out: Region[] = [];
  #known: Known[] = [];

  /** Another kind of light: what is out looks otherwise now. */
  forgetOut(): void {
    this.#out = [];
  }

  see(evidence: SwingEvidence): void {
    const { atMs, blobs, recent } = evidence;
    this.#out = this.#out.filter((region) => {
      if (!isBack(region, evidence)) return true;
      this.#return(region, atMs);
      return false;
    });
    for (const blob of blobs) {
      if (blob.cells.length < leastCells) continue;
      const region = regionOf(blob, recent);
      this.#out = [...this.#out.filter((other) => !agree(other, region)), region].slice(-maxRegions);
    }
  }

  /** How often a region such as this blob has gone back to the ground of late. */
  returnsOf(blob: Blob, recent: CellPicture, atMs: number): number {
    const region = regionOf(blob, recent);
    const known = this.#known.find((other) => isSame(other, region));
    return known && atMs - known.returnedMs <= rememberedMs ? known.returns : 0;
  }

  #return(region: Region, atMs: number): void {
    const before = this.#known.find((known) => isSame(known, region));
    const returns = before && atMs - before.returnedMs <= rememberedMs ? before.returns + 1 : 1;
    const others = this.#known.filter((known) => known !== before);
    this.#known = [...others, { ...region, returns, returnedMs: atMs }].slice(-maxRegions);
  }
}

function regionOf({ cells }: Blob, recent: CellPicture): Region {
  const of = (plane: Float32Array) => Float32Array.from(cells, (cell) => plane[cell] as number);
  return { cells, luma: of(recent.luma), red: of(recent.red), blue: of(recent.blue) };
}

function isBack({ cells }: Region, { bare, hidden }: SwingEvidence): boolean {
  const visible = cells.filter((cell) => hidden[cell] === 0);
  if (visible.length < seenPart * cells.length) return false;
  return visible.filter((cell) => bare[cell] === 1).length >= bareParts * visible.length;
}

function agree(a: Region, b: Region): boolean {
  const both = common(a, b).length;
  return both >= sameCells * (a.cells.length + b.cells.length - both);
}

function isSame(a: Region, b: Region): boolean {
  if (!agree(a, b)) return false;
  const pairs = common(a, b);
  const off = (plane: 'luma' | 'red' | 'blue', i: number, j: number) =>
    (a[plane][i] as number) - (b[plane][j] as number);
  const alike = pairs.filter(
    ([i, j]) => strengthOf(off('luma', i, j), off('red', i, j), off('blue', i, j)) <= alikeLook,
  );
  return alike.length >= alikePart * pairs.length;
}

/** Places of the cells that two regions share, in the one and in the other. */
function common(a: Region, b: Region): (readonly [number, number])[] {
  const placeInB = new Map([...b.cells].map((cell, j) => [cell, j]));
  return [...a.cells].flatMap((cell, i) => {
    const j = placeInB.get(cell);
    return j === undefined ? [] : [[i, j] as const];
  });
}
