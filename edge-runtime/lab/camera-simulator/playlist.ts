import type { Clip, ClipUnit } from './clip.ts';

/** An access unit on the stream's endless timeline, in seconds since the camera was switched on. */
export interface ScheduledUnit {
  readonly clip: Clip;
  readonly unit: ClipUnit;
  /** When to send it: decoding time, shifted so that the first is due at 0. */
  readonly dueS: number;
  /** When it is shown: continuous over the joins of clips. */
  readonly ptsS: number;
}

/** The camera's place: index in the playlist, and seconds since that clip's first access unit was due. */
export interface Position {
  readonly clip: number;
  readonly seconds: number;
}

/** The clips of one camera, in turn for ever. Pure: says which unit is due when, and plays nothing. */
export class Playlist {
  readonly clips: readonly Clip[];
  readonly durationS: number;
  /** The decoder's reordering delay: decoding starts this long before the first picture is shown. */
  readonly #leadS: number;
  constructor(clips: readonly Clip[]) {
    if (clips.length === 0) throw new Error('a camera needs at least one clip');
    this.clips = clips;
    this.durationS = clips.reduce((sum, clip) => sum + clip.durationS, 0);
    this.#leadS = Math.max(0, ...clips.map((clip) => -(clip.units[0]?.dtsS ?? 0)));
  }

  /**
   * Every access unit that is due from a moment on, in sending order, without end; `dueS` never falls, not
   * even where reordering delays differ.
   */
  *units(fromS = 0): Generator<ScheduledUnit, never> {
    let baseS = Math.max(0, Math.floor((fromS - this.#leadS) / this.durationS)) * this.durationS;
    let dueS = 0;
    for (;;) {
      for (const clip of this.clips) {
        for (const unit of clip.units) {
          dueS = Math.max(dueS, baseS + unit.dtsS + this.#leadS);
          if (dueS >= fromS) yield { clip, unit, dueS, ptsS: baseS + unit.ptsS };
        }
        baseS += clip.durationS;
      }
    }
  }

  /** The camera's place `elapsedS` seconds after it was switched on. */
  positionAt(elapsedS: number): Position {
    let seconds = elapsedS % this.durationS;
    for (const [clip, { durationS }] of this.clips.entries()) {
      if (seconds < durationS || clip === this.clips.length - 1) return { clip, seconds };
      seconds -= durationS;
    }
    return { clip: 0, seconds: 0 };
  }
}
