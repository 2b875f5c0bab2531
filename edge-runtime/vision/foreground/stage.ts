import type { Camera, Point, Track } from '@gatehouse/contracts';
import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import { StaticForeground } from './static-foreground.ts';

/** One analysed picture of a camera, as the pipeline's stage gets it. */
export interface ForegroundScene {
  readonly atMs: number;
  readonly frame: DetectorFrame;
  readonly input: InputShape;
  readonly tracks: readonly Track[];
  readonly view: 'clear' | 'blind';
}

/** Adds what was left behind to a camera's tracks, as still ones of class `object`. */
export class ForegroundStage {
  readonly foreground: StaticForeground;
  #last: readonly Track[] = [];

  constructor(foreground: StaticForeground) {
    this.foreground = foreground;
  }

  /** See `StaticForeground`. */
  retakeBaseline(): void {
    this.foreground.retakeBaseline();
  }

  /** Tracks to add. While the camera is blind what was there is still believed to be, unseen. */
  see({ atMs, frame, input, tracks, view }: ForegroundScene): readonly Track[] {
    if (view === 'blind') this.#last = this.#last.map((track) => ({ ...track, seen: false }));
    else
      this.#last = this.foreground
        .step(frame, input, tracks, atMs)
        .map((object) => ({ ...object, class: 'object', still: true }));
    return this.#last;
  }
}

/** The stage for a camera, if one of its zones has a rule that counts unknown objects. */
export function foregroundStage({ zones }: Pick<Camera, 'zones'>): ForegroundStage | undefined {
  const counting = zonesWithObjects(zones);
  return counting.length === 0 ? undefined : new ForegroundStage(new StaticForeground({ zones: counting }));
}

function zonesWithObjects(zones: Camera['zones']): (readonly Point[])[] {
  return zones
    .filter(({ rules }) => rules.some((rule) => rule.kind === 'fire-passage' && rule.objects))
    .map(({ polygon }) => polygon);
}
