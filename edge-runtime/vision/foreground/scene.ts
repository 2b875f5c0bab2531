import type { Box, Point, Track } from '@gatehouse/contracts';
import { Baseline } from './baseline.ts';
import { type Blob, findBlobs } from './blobs.ts';
import { type CellPicture, CellReducer, newCellPicture } from './cell-picture.ts';
import { CellStates } from './cell-states.ts';
import { Cover } from './cover.ts';
import { FoundObjects } from './found-objects.ts';
import { boxOfCells, cellsInside, type Grid } from './grid.ts';
import { type BlobClass, type Judgement, judge, limits } from './judgement.ts';
import { LightShift } from './light.ts';
import { LightChanges } from './light-changes.ts';
import { measure } from './measures.ts';
import type { Snapshot } from './snapshot.ts';
import { Swings } from './swings.ts';

/** One thing that is, or is not, an object, and why. */
export interface Watched {
  readonly box: Box;
  readonly judgement: Judgement;
}

export interface SceneOptions {
  readonly grid: Grid;
  readonly zones: readonly (readonly Point[])[];
  readonly corridors: readonly (readonly Point[])[];
  readonly stillAfterMs: number;
  readonly newId: () => number;
}

/**
 * Frames nearer to the last one than this add nothing: 5 a second are enough for objects that stand still.
 */
const leastStepMs = 180;
/** Longer between two frames, nobody watched: every cell starts its time anew. */
const longestStepMs = 6_000;
/** Cells that have not changed for this long are looked at. */
const settledMs = 2_000;
/** Edges and the light of the baseline are renewed this often. */
const renewMs = 2_000;
/** Light is measured on no fewer than this part of the cells. */
const leastLit = 0.05;
/** Of less open ground than this part of the picture nothing is said. */
const leastOpen = 0.2;
/**
 * The view is another one when more of the open ground than this is strange, or fewer of its edges than this
 * are in place.
 */
const mostStrange = 0.5;
const leastAlike = 0.3;
/** Brightness steps over two cells that are an edge, natural logarithm. */
const leastGradient = 0.1;
/** A picture with less colour than the first is infrared; with more than the second it is not (levels). */
const infraredBelow = 1.2;
const colourAbove = 2.5;
/**
 * The look of objects in infrared is remembered this long after the switch, when the exposure has settled.
 */
const looksAfterMs = 5_000;
/** An object must pass for this long, as a blob that overlaps itself by half. */
const passesMs = 1_000;
const samePart = 0.5;
/**
 * A blob that is judged to be no thing is taken into the baseline as a second view after so long, seconds.
 */
const takenInAfterS: Partial<Record<BlobClass, number>> = {
  swings: 0,
  uncovered: 45,
  'soft-edged': 60,
  'light-or-shade': 60,
  scattered: 120,
  'too-small': 120,
};

/** Everything about one camera at one picture size. */
export class Scene {
  readonly objects: FoundObjects;
  /** The blobs of the last frame with their judgements. */
  watched: Watched[] = [];
  #grid: Grid;
  #reducer: CellReducer;
  readonly #options: SceneOptions;
  readonly #zone: Uint8Array;
  readonly #corridor: Uint8Array;
  readonly #now: CellPicture;
  /** By colour and by infrared. */
  readonly #baselines: readonly [Baseline, Baseline];
  readonly #light = new LightShift();
  readonly #lightChanges = new LightChanges();
  readonly #swings = new Swings();
  readonly #states: CellStates;
  readonly #cover: Cover;
  /** Scratch: one flag a cell. */
  readonly #flags: Uint8Array;
  #infrared = false;
  #atMs = Number.NEGATIVE_INFINITY;
  #renewedMs = Number.NEGATIVE_INFINITY;
  #switchedMs = Number.NEGATIVE_INFINITY;
  #passing: { readonly blob: Blob; readonly sinceMs: number }[] = [];

  constructor(options: SceneOptions) {
    const { grid, zones, corridors } = options;
    const cells = grid.columns * grid.rows;
    this.#options = options;
    this.#grid = grid;
    this.#zone = cellsInside(grid, zones);
    this.#corridor = cellsInside(grid, corridors);
    this.#reducer = new CellReducer(grid);
    this.#now = newCellPicture(cells);
    this.#baselines = [new Baseline(grid), new Baseline(grid)];
    this.#states = new CellStates(cells);
    this.#cover = new Cover(grid);
    this.#flags = new Uint8Array(cells);
    this.objects = new FoundObjects(grid);
  }

  /** True if frames of this grid are of the same picture: another resolution of the same stream is. */
  fits({ columns, rows }: Grid): boolean {
    return columns === this.#grid.columns && rows === this.#grid.rows;
  }

  step(grid: Grid, planes: Uint8Array, tracks: readonly Track[], atMs: number): void {
    const sinceMs = atMs - this.#atMs;
    if (sinceMs < leastStepMs) return;
    if (grid.step !== this.#grid.step) this.#reducer = new CellReducer(grid);
    this.#grid = grid;
    this.#atMs = atMs;
    const elapsedMs = sinceMs > longestStepMs ? 0 : sinceMs;
    if (elapsedMs === 0) this.#states.restart();
    this.#look(planes);
    this.#cover.update(atMs, tracks, {
      changedMs: this.#states.changedMs,
      bare: this.#states.bare,
      upset: !this.#lightChanges.steady(atMs),
    });
    const baseline = this.#baseline;
    this.#measureLight(baseline);
    const { hidden } = this.#cover;
    const { now, light, owner } = { now: this.#now, light: this.#light, owner: this.objects.owner };
    this.#states.update({ now, baseline, light, hidden, owner, atMs, elapsedMs });
    this.#renew(baseline);
    this.#findObjects(baseline, elapsedMs);
  }

  save(): Snapshot {
    return {
      columns: this.#grid.columns,
      rows: this.#grid.rows,
      atMs: this.#atMs,
      infrared: this.#infrared,
      baselines: this.#baselines,
      objects: this.objects.save(),
      owner: this.objects.owner,
      core: this.objects.core,
    };
  }

  /** Takes a snapshot up; false if it is of another grid. */
  restore(saved: Snapshot): boolean {
    if (saved.columns !== this.#grid.columns || saved.rows !== this.#grid.rows) return false;
    this.#baselines.forEach((baseline, i) => {
      const from = saved.baselines[i];
      if (from) baseline.copy(from);
    });
    this.#infrared = saved.infrared;
    this.objects.restore(saved.objects, saved.owner, saved.core);
    return true;
  }

  /**
   * True if the picture has the view of the baseline: the edges of open ground are where they were (as
   * `ViewBaseline` of ../health has it), and most of the ground shows one of its known views. Also true where
   * nothing can be said.
   */
  get sameView(): boolean {
    const { known, shown } = this.#baseline;
    const { columns, rows } = this.#grid;
    const { foreground } = this.#states;
    const { hidden } = this.#cover;
    const open = (cell: number) =>
      known[cell] !== 0 && hidden[cell] === 0 && this.objects.owner[cell] === 0 ? 1 : 0;
    let [cells, strange, agreed, all] = [0, 0, 0, 0];
    for (let row = 1; row < rows - 1; row++)
      for (let column = 1; column < columns - 1; column++) {
        const cell = row * columns + column;
        if (
          !open(cell) ||
          !open(cell - 1) ||
          !open(cell + 1) ||
          !open(cell - columns) ||
          !open(cell + columns)
        )
          continue;
        cells++;
        strange += foreground[cell] as number;
        const [ux, uy] = gradient(shown.luma, cell, columns);
        const strength = Math.hypot(ux, uy);
        if (strength < leastGradient) continue;
        const [x, y] = gradient(this.#now.luma, cell, columns);
        all += strength;
        agreed += (ux * x + uy * y) / Math.max(leastGradient / 2, Math.hypot(x, y));
      }
    if (cells < leastOpen * hidden.length) return true;
    return strange / cells < mostStrange && (all === 0 || agreed / all > leastAlike);
  }

  get #baseline(): Baseline {
    return this.#baselines[this.#infrared ? 1 : 0];
  }

  /** Reduces the picture and notices when the camera switches between colour and infrared. */
  #look(planes: Uint8Array): void {
    const colour = this.#reducer.reduce(planes, this.#now);
    const infrared = this.#infrared ? colour < colourAbove : colour < infraredBelow;
    if (infrared === this.#infrared) return;
    this.#infrared = infrared;
    this.#switchedMs = this.#atMs;
    this.#states.restart();
    this.#light.reset();
    this.objects.forgetLooks();
    this.#swings.forgetOut();
  }

  #measureLight(baseline: Baseline): void {
    const { hidden } = this.#cover;
    const { known } = baseline;
    const { owner } = this.objects;
    const use = this.#flags;
    for (let cell = 0; cell < hidden.length; cell++)
      use[cell] = hidden[cell] === 0 && known[cell] !== 0 && owner[cell] === 0 ? 1 : 0;
    this.#light.measure(this.#now, baseline.shown, use, leastLit);
  }

  #renew(baseline: Baseline): void {
    const sinceMs = this.#atMs - this.#renewedMs;
    if (sinceMs < renewMs) return;
    this.#renewedMs = this.#atMs;
    baseline.findEdges();
    if (Number.isFinite(sinceMs))
      baseline.followLight(this.#light, Math.min(sinceMs, longestStepMs), this.#states.recent);
  }

  #findObjects(baseline: Baseline, elapsedMs: number): void {
    const { foreground, recent, quietMs, changed } = this.#states;
    const { hidden } = this.#cover;
    const { owner } = this.objects;
    const atMs = this.#atMs;
    const loose = this.#flags;
    for (let cell = 0; cell < hidden.length; cell++) {
      const differs = foreground[cell] === 1 && hidden[cell] === 0 && owner[cell] === 0;
      loose[cell] = differs && atMs - (quietMs[cell] as number) >= settledMs ? 1 : 0;
    }
    const blobs = findBlobs(this.#grid, loose, 1);
    const turn = this.#lightChanges.see({ atMs, changed, blobs, quietMs, cells: hidden.length });
    if (turn === 'take-in') for (const { cells } of blobs) this.#takeIn(baseline, cells);
    if (this.#lightChanges.steady(atMs)) {
      const evidence = { foreground, known: baseline.known, hidden, recent, elapsedMs };
      this.objects.update(evidence);
      if (atMs - this.#switchedMs >= looksAfterMs) this.objects.rememberLooks(evidence);
      this.#swings.see({ atMs, blobs, recent, bare: this.#states.bare, hidden });
    }
    this.#judgeAll(baseline, blobs);
  }

  #judgeAll(baseline: Baseline, blobs: readonly Blob[]): void {
    const atMs = this.#atMs;
    const lightSteady = this.#lightChanges.steady(atMs);
    const passing: { blob: Blob; sinceMs: number }[] = [];
    this.watched = [];
    for (const blob of blobs) {
      const { recent, quietMs, changedMs } = this.#states;
      const { hidden } = this.#cover;
      const views = { grid: this.#grid, recent, base: baseline.shown, known: baseline.known, hidden };
      const m = measure(blob, views);
      const stillS = (atMs - middle(blob.cells, quietMs)) / 1000;
      const stillAfterS = this.#options.stillAfterMs / 1000;
      const inZone = this.#inZone(blob);
      const returns = this.#swings.returnsOf(blob, recent, atMs);
      const judgement = judge(m, { stillS, stillAfterS, inZone, returns, lightSteady });
      if (m.area >= limits.leastArea)
        this.watched.push({ box: boxOfCells(this.#grid, blob.rect), judgement });
      const takenIn = takenInAfterS[judgement.is];
      if (takenIn !== undefined && stillS >= takenIn) this.#takeIn(baseline, blob.cells);
      if (judgement.is !== 'object') continue;
      const before = this.#passing.find((other) => overlap(other.blob, blob) >= samePart);
      if (before && atMs - before.sinceMs >= passesMs)
        // It has been there since it last changed, though the person who put it down may have stood before it
        // for longer.
        this.#found(blob, middle(blob.cells, changedMs), m.contrast);
      else passing.push({ blob, sinceMs: before?.sinceMs ?? atMs });
    }
    this.#passing = passing;
  }

  #found(blob: Blob, sinceMs: number, contrast: number): void {
    if (this.objects.join(blob)) return;
    this.objects.add(this.#options.newId(), blob, sinceMs, Math.round(100 * Math.min(1, contrast)) / 100);
  }

  #takeIn(baseline: Baseline, cells: Int32Array): void {
    const { luma, red, blue } = this.#states.recent;
    for (const cell of cells)
      baseline.learn(cell, luma[cell] as number, red[cell] as number, blue[cell] as number);
  }

  /** Part of a blob inside the zones; all of it, where one cell is enough. */
  #inZone({ cells }: Blob): number {
    if (cells.some((cell) => this.#corridor[cell] === 1)) return 1;
    let inside = 0;
    for (const cell of cells) inside += this.#zone[cell] as number;
    return inside / cells.length;
  }
}

/** The middle value of some cells. */
function middle(cells: Int32Array, values: Float64Array): number {
  const sorted = Float64Array.from(cells, (cell) => values[cell] as number).sort();
  return sorted[sorted.length >> 1] as number;
}

/** Intersection over union of two sets of cells. */
function overlap(a: Blob, b: Blob): number {
  const inside = new Set(a.cells);
  let both = 0;
  for (const cell of b.cells) if (inside.has(cell)) both++;
  return both / (a.cells.length + b.cells.length - both);
}

/** The step of brightness over a cell, to the right and down. */
function gradient(luma: Float32Array, cell: number, columns: number): readonly [number, number] {
  return [
    (luma[cell + 1] as number) - (luma[cell - 1] as number),
    (luma[cell + columns] as number) - (luma[cell - columns] as number),
  ];
}
