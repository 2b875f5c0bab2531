import type { Label, Moment, View, World } from '../world.ts';

/** What the page in the browser offers to `Studio`, as the global `studioPage`. */
export interface StudioPage {
  setWorld(world: World): void;
  /** Sends the picture (RGBA, row 0 at the top) to `postTo`, if given, and returns the labels. */
  draw(moment: Moment, view: View, frame: number, postTo?: string): Promise<readonly Label[]>;
}
