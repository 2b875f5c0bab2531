import { type Baseline, strengthOf } from './baseline.ts';
import { brightest, type CellPicture, newCellPicture } from './cell-picture.ts';
import type { LightShift } from './light.ts';

/**
 * A cell leaves the baseline at this difference (natural logarithm; 0.14 is a seventh brighter) and returns
 * below the other.
 */
const leaves = 0.14;
const returns = 0.1;
/** A difference of two frames that is a change and no noise. */
const changes = 0.1;
/** Tolerances on top: times the cell's noise, and part of the edges there (a shake of a third of a cell). */
const noiseTimes = 2.5;
const edgePart = 0.35;
/** An object's own edges shake too; its contrast stands for them, up to this. */
const ownEdge = 0.3;
const mostContrast = 0.6;
/** The short memory: what a cell showed lately. */
const shortMs = 2_000;
/** A cell without a baseline gets one when it has been bare and unchanged for this long. */
const learnMs = 3_000;
/** Nearer to white than this a level says nothing more. */
const clipped = brightest - 0.03;

/** The meaning of one frame for the cells. */
export interface CellFrame {
  readonly now: CellPicture;
  readonly baseline: Baseline;
  readonly light: LightShift;
  /** 1: hidden by something detected. */
  readonly hidden: Uint8Array;
  /** Above 0: belongs to a found object, the baseline below it is not touched. */
  readonly owner: Uint8Array;
  readonly atMs: number;
  readonly elapsedMs: number;
}

/**
 * The state of each cell: what it showed lately, since when it has not changed, and whether it differs from
 * the baseline.
 */
export class CellStates {
  /** Short memory, in the baseline's light. */
  readonly recent: CellPicture;
  /**
   * When it last changed, and since when it has been bare, unchanged, and the same to the baseline. Frame
   * time, milliseconds.
   */
  readonly changedMs: Float64Array;
  readonly quietMs: Float64Array;
  /** 1: differs from every known view; 1: shows one of them. Both 0 while there is no baseline. */
  readonly foreground: Uint8Array;
  readonly bare: Uint8Array;
  /** Part of the cells that changed in the newest frame. */
  changed = 0;
  #fresh = true;

  constructor(cells: number) {
    this.recent = newCellPicture(cells);
    this.changedMs = new Float64Array(cells);
    this.quietMs = new Float64Array(cells);
    this.foreground = new Uint8Array(cells);
    this.bare = new Uint8Array(cells);
  }

  /**
   * The next frame is the first of a new view (start, long gap, infrared): nothing is known of what was
   * before it.
   */
  restart(): void {
    this.#fresh = true;
  }

  update(frame: CellFrame): void {
    const { now, light, hidden, atMs } = frame;
    const part = frame.elapsedMs / (shortMs + frame.elapsedMs);
    let changed = 0;
    for (let cell = 0; cell < hidden.length; cell++) {
      const luma = now.luma[cell] as number;
      const plain = luma - light.at(luma - light.overall);
      const red = (now.red[cell] as number) - light.red;
      const blue = (now.blue[cell] as number) - light.blue;
      const before = this.foreground[cell];
      const contrast = this.#compare(cell, luma, red, blue, frame);
      if (this.#remember(cell, plain, red, blue, part, this.#tolerance(frame.baseline, cell, contrast))) {
        this.changedMs[cell] = atMs;
        changed++;
      }
      // A slow sweep of light changes little from frame to frame, but it makes cells leave the baseline and
      // return.
      const turned = this.foreground[cell] !== before;
      if (turned || hidden[cell] === 1 || this.changedMs[cell] === atMs) this.quietMs[cell] = atMs;
      this.#teach(cell, frame);
    }
    this.changed = this.#fresh ? 1 : changed / hidden.length;
    this.#fresh = false;
  }

  /** Finds the view that a cell shows, or that it shows none; returns how far off the active one it is. */
  #compare(cell: number, luma: number, red: number, blue: number, frame: CellFrame): number {
    const { baseline } = frame;
    const known = baseline.known[cell] as number;
    if (known === 0) {
      this.foreground[cell] = 0;
      this.bare[cell] = 0;
      return 0;
    }
    const allowed =
      (this.foreground[cell] === 1 ? returns : leaves) +
      noiseTimes * (baseline.noise[cell] as number) +
      edgePart * (baseline.edge[cell] as number);
    let off = this.#off(cell, luma, red, blue, frame, allowed);
    if (off > allowed && known === 3) {
      const other = 1 - (baseline.active[cell] as number);
      baseline.show(cell, other);
      const offOther = this.#off(cell, luma, red, blue, frame, allowed);
      if (offOther <= allowed) off = offOther;
      else baseline.show(cell, 1 - other);
    }
    this.foreground[cell] = off > allowed ? 1 : 0;
    this.bare[cell] = off > allowed ? 0 : 1;
    return off;
  }

  /** Difference to the active view in today's light; within `allowed` the baseline follows it. */
  #off(cell: number, luma: number, red: number, blue: number, frame: CellFrame, allowed: number): number {
    const { baseline, light, hidden, owner, elapsedMs } = frame;
    const base = baseline.shown.luma[cell] as number;
    const expected = base + light.at(base);
    if (expected >= clipped && luma >= clipped) return 0;
    const offLuma = luma - expected;
    const offRed = red - (baseline.shown.red[cell] as number);
    const offBlue = blue - (baseline.shown.blue[cell] as number);
    const off = strengthOf(offLuma, offRed, offBlue);
    if (off <= allowed && hidden[cell] === 0 && owner[cell] === 0)
      baseline.follow(cell, offLuma, offRed, offBlue, off, elapsedMs);
    return off;
  }

  #tolerance(baseline: Baseline, cell: number, contrast: number): number {
    const edge = Math.max(baseline.edge[cell] as number, Math.min(mostContrast, contrast));
    return changes + noiseTimes * (baseline.noise[cell] as number) + ownEdge * edge;
  }

  /**
   * Mixes a cell into the short memory, or puts it in place of what was there; returns whether it changed.
   */
  #remember(cell: number, luma: number, red: number, blue: number, part: number, tolerance: number): boolean {
    const { recent } = this;
    const dLuma = luma - (recent.luma[cell] as number);
    const dRed = red - (recent.red[cell] as number);
    const dBlue = blue - (recent.blue[cell] as number);
    const changed = this.#fresh || strengthOf(dLuma, dRed, dBlue) > tolerance;
    const mix = changed ? 1 : part;
    recent.luma[cell] = (recent.luma[cell] as number) + mix * dLuma;
    recent.red[cell] = (recent.red[cell] as number) + mix * dRed;
    recent.blue[cell] = (recent.blue[cell] as number) + mix * dBlue;
    return changed;
  }

  /** Gives a cell its first view; lets what never comes to rest (leaves, water) raise the cell's noise. */
  #teach(cell: number, { baseline, owner, hidden, atMs, elapsedMs }: CellFrame): void {
    if (hidden[cell] === 1 || (owner[cell] as number) > 0) return;
    const { recent } = this;
    if (baseline.known[cell] === 0) {
      if (atMs - (this.quietMs[cell] as number) < learnMs) return;
      const { luma, red, blue } = recent;
      baseline.learn(cell, luma[cell] as number, red[cell] as number, blue[cell] as number);
    } else if (this.foreground[cell] === 1 && atMs - (this.changedMs[cell] as number) <= shortMs)
      baseline.unsettle(cell, elapsedMs);
  }
}
