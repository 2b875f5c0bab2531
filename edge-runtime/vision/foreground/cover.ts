import type { Track } from '@gatehouse/contracts';
import { type CellRect, cellsOf, eachCell, type Grid } from './grid.ts';

/**
 * A detector's box leaves feet, mirrors and shadows out: it hides this part of its size more on each side.
 */
const margin = 0.1;
/** Hidden a little longer than the box is there: detectors miss what is cut off or blurred. */
const graceMs = 1_500;
/** Unchanged for this long, what a lost box was about stands still. */
const standsMs = 3_000;
/** A thing that stands there but is not detected any more is believed in for this long at most. */
const lingersMs = 30 * 60_000;
/**
 * Parts of a lingering box that tell that its thing is gone: cells that changed, cells that show the
 * baseline.
 */
const changedPart = 0.4;
const bareParts = 0.6;
/** Most lost boxes remembered; above, the oldest is forgotten. */
const maxLingering = 64;

interface Lingering {
  readonly rect: CellRect;
  readonly lostMs: number;
  /** Changes before this do not count. */
  sinceMs: number;
}

/** Evidence of the cells themselves whether something undetected is still there. */
export interface CellEvidence {
  readonly changedMs: Float64Array;
  /** 1: shows the baseline. */
  readonly bare: Uint8Array;
  /** The whole picture changed in the newest frame: changes say nothing about single things. */
  readonly upset: boolean;
}

/**
 * Which cells people, vehicles and cycles hide. A box that was lost where its thing stood still goes on
 * hiding its cells until they change or show the baseline: a parked car that the detector misses for minutes
 * is no clutter.
 */
export class Cover {
  /** 1: hidden in the newest frame. */
  readonly hidden: Uint8Array;
  readonly #grid: Grid;
  readonly #untilMs: Float64Array;
  #boxes = new Map<number, Track>();
  #lingering: Lingering[] = [];

  constructor(grid: Grid) {
    this.#grid = grid;
    this.hidden = new Uint8Array(grid.columns * grid.rows);
    this.#untilMs = new Float64Array(this.hidden.length).fill(Number.NEGATIVE_INFINITY);
  }

  update(atMs: number, tracks: readonly Track[], evidence: CellEvidence): void {
    const boxes = new Map(tracks.map((track) => [track.id, track]));
    for (const [id, track] of this.#boxes) if (!boxes.has(id)) this.#lose(track, atMs, evidence);
    this.#boxes = boxes;
    for (const track of tracks) this.#hide(cellsOf(this.#grid, track.box, margin), atMs + graceMs);
    this.#lingering = this.#lingering.filter((lost) => this.#isThere(lost, atMs, evidence));
    for (const { rect } of this.#lingering) this.#hide(rect, atMs);
    for (let cell = 0; cell < this.hidden.length; cell++)
      this.hidden[cell] = (this.#untilMs[cell] as number) >= atMs ? 1 : 0;
  }

  #hide(rect: CellRect, untilMs: number): void {
    eachCell(this.#grid, rect, (cell) => {
      if ((this.#untilMs[cell] as number) < untilMs) this.#untilMs[cell] = untilMs;
    });
  }

  #lose(track: Track, atMs: number, { changedMs }: CellEvidence): void {
    // Nobody stands as still as a thing for long. What looks like a person that has stopped being one is what
    // was carried here: detectors take a stack of boxes for its bearer for seconds, and a linger would hide
    // it for half an hour.
    if (track.class === 'person') return;
    const rect = cellsOf(this.#grid, track.box, margin);
    const stands =
      track.still || this.#part(rect, (cell) => atMs - (changedMs[cell] as number) >= standsMs) > 0.6;
    if (!stands) return;
    if (this.#lingering.length >= maxLingering) this.#lingering.shift();
    this.#lingering.push({ rect, lostMs: atMs, sinceMs: atMs });
  }

  #isThere(lost: Lingering, atMs: number, { changedMs, bare, upset }: CellEvidence): boolean {
    if (atMs - lost.lostMs > lingersMs) return false;
    if (upset) {
      lost.sinceMs = atMs;
      return true;
    }
    const { rect, sinceMs } = lost;
    return (
      this.#part(rect, (cell) => (changedMs[cell] as number) > sinceMs) < changedPart &&
      this.#part(rect, (cell) => bare[cell] === 1) < bareParts
    );
  }

  #part(rect: CellRect, holds: (cell: number) => boolean): number {
    let cells = 0;
    let holding = 0;
    eachCell(this.#grid, rect, (cell) => {
      cells++;
      if (holds(cell)) holding++;
    });
    return cells === 0 ? 0 : holding / cells;
  }
}
