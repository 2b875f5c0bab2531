import { z } from 'zod';
import { Box, Id, ObjectClass } from './primitives.ts';

/**
 * The box's wall clock minus the frame timeline, milliseconds: added to a frame time it gives the time of day
 * that the box's clock showed. Bounded to three centuries, so that the sum is always a date.
 */
export const WallOffsetMs = z.int().min(-1e13).max(1e13);

/** One object followed through frames. `id` is unique within one camera and one run of its tracker. */
export const Track = z.strictObject({
  id: z.int().min(1),
  class: ObjectClass,
  score: z.number().min(0).max(1),
  box: Box,
  /** True if this frame's detector saw it; false while the tracker coasts through a short miss. */
  seen: z.boolean(),
  /**
   * True while its boxes of late agree (mean-box IoU >= 0.75 to become still, >= 0.6 to stay
   * so).
   */
  still: z.boolean(),
  /**
   * The time since which it has been standing there, where more is known of it than its time as a track: of
   * an `object`. Frame time.
   */
  sinceMs: z.number().min(0).optional(),
  /**
   * The farthest that its feet (bottom centre) have been from where it was first seen, in widths of its box:
   * tenths, from 1 on whole ones. What is found again where it stood has 0; what drove in has 1 and more.
   */
  moved: z.number().min(0).max(10).optional(),
  /**
   * Last detected by the bundled detector, and whether its score was one that an alarm may rest on. Absent
   * for every other detector.
   */
  bundled: z.enum(['sure', 'doubtful']).optional(),
});
export type Track = z.infer<typeof Track>;

/**
 * The place where a track stood still, and how alike the picture there is now to what it was then, with
 * changes of light taken out: 1 alike, 0 or less something else. Told whether or not the track is seen there
 * now. Of a place of which nothing can be said, because the light is changing or it is even, nothing is told.
 */
export const StoodAt = z.strictObject({
  track: z.int().min(1),
  box: Box,
  like: z.number().min(-1).max(1),
});
export type StoodAt = z.infer<typeof StoodAt>;

/**
 * A camera tracker's result for one analysed frame. It is the only input of rules. `atMs` is the frame's own
 * time on a timeline that never steps: steady epoch milliseconds in the live service, milliseconds from the
 * clip's start in a replay. Frames of one camera come in rising `atMs`. Schedules follow `wallOffsetMs`,
 * which changes when somebody sets the clock.
 */
export const TrackFrame = z.strictObject({
  camera: Id,
  atMs: z.number().min(0),
  /**
   * As of this frame. Absent in clips, and in tracks of older versions: there epoch milliseconds are the
   * time.
   */
  wallOffsetMs: WallOffsetMs.optional(),
  tracks: z.array(Track).max(500),
  /** `blind`: the camera shows nothing that could be judged (covered, frozen, dark). Absent: clear. */
  view: z.enum(['clear', 'blind']).optional(),
  /** Where objects stood still, and whether the picture still shows them there. */
  places: z.array(StoodAt).max(64).optional(),
  /** Width of the picture by its height; 16:9 if absent. */
  aspect: z.number().min(0.2).max(8).optional(),
});
export type TrackFrame = z.infer<typeof TrackFrame>;
