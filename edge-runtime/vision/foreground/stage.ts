import { type Camera, classGroup, type FirePassageRule, type Point, type Track } from '@gatehouse/contracts';
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
  readonly #indoors: boolean;
  #last: readonly Track[] = [];

  /** @param indoors the camera shows corridors only: there are no vehicles, and so none hides anything */
  constructor(foreground: StaticForeground, indoors = false) {
    this.foreground = foreground;
    this.#indoors = indoors;
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
        .step(frame, input, this.#indoors ? tracks.filter(isNoVehicle) : tracks, atMs)
        .map((object) => ({ ...object, class: 'object', still: true }));
    return this.#last;
  }
}

/** A shelf or a floor that a detector takes for a truck must not hide what stands there. */
function isNoVehicle(track: Track): boolean {
  return classGroup(track.class) !== 'vehicle';
}

/** The stage for a camera, if one of its zones has a rule that counts unknown objects. */
export function foregroundStage({ zones }: Pick<Camera, 'zones'>): ForegroundStage | undefined {
  const lanes = zonesWithObjects(zones, 'lane');
  const corridors = zonesWithObjects(zones, 'corridor');
  if (lanes.length + corridors.length === 0) return undefined;
  return new ForegroundStage(new StaticForeground({ zones: lanes, corridors }), lanes.length === 0);
}

function zonesWithObjects(zones: Camera['zones'], place: FirePassageRule['place']): (readonly Point[])[] {
  return zones
    .filter(({ rules }) =>
      rules.some((rule) => rule.kind === 'fire-passage' && rule.objects && rule.place === place),
    )
    .map(({ polygon }) => polygon);
}
