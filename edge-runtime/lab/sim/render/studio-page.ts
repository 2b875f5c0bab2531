import type { Label, Moment, View, World } from '../world.ts';

/** The functions that the page in the browser offers to `Studio`, as the global `studioPage`. */
export interface StudioPage {
  setWorld(world: World): void;
  /** Labels of a moment and, where asked for, its picture. */
  draw(moment: Moment, view: View, frame: number, withPicture: boolean): Drawn;
}

export interface Drawn {
  readonly labels: readonly Label[];
  /** RGBA, row 0 at the top, in base64: an HTTP request of the page's own took 100 ms longer than this. */
  readonly pixels?: string;
}
