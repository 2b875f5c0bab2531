import { z } from 'zod';
import { Id } from '../primitives.ts';
import { WallOffsetMs } from '../track.ts';

/** Faults of a camera that delivers, or should. */
export const CameraConditionName = z.enum([
  /** No new picture. */
  'stale',
  /** Nothing to be seen: a hand, spray, a cloth, or no light at all. */
  'covered',
  /** Glare: most of the picture is white. */
  'blinded',
  /** It shows another scene than it usually does. */
  'moved',
  /** Its fine detail is gone: out of focus, or something on the glass. */
  'blurred',
  /** Its stream is damaged. */
  'decode-errors',
  /** Its connections do not last. */
  'reconnecting',
  /** Its clock differs from the box's. */
  'clock-off',
]);
export type CameraConditionName = z.infer<typeof CameraConditionName>;

/** A debounced condition of a camera, as it stands: open until it is no longer listed. */
export const CameraCondition = z.strictObject({
  name: CameraConditionName,
  /** The last measured value, the threshold for opening, and their unit. */
  value: z.number(),
  threshold: z.number(),
  unit: z.string().max(12).optional(),
  /** When it began, milliseconds on the frame timeline. */
  sinceMs: z.number().min(0),
});
export type CameraCondition = z.infer<typeof CameraCondition>;

/** A camera as the vision service sees it. `stale` and `down` mean unknown: neither clear nor alarmed. */
export const CameraStatus = z.strictObject({
  id: Id,
  state: z.enum(['starting', 'live', 'stale', 'down']),
  /** Milliseconds since the newest analysed frame was captured; absent before the first. */
  frameAgeMs: z.number().min(0).optional(),
  /**
   * The reason why it is not live: a stable code such as `CAMERA_UNAUTHORIZED`, `CAMERA_UNREACHABLE`,
   * `CAMERA_STALLED`, `CAMERA_GARBAGE`, or `PROCESSOR_SHORT`.
   */
  reason: z.string().max(60).optional(),
  /**
   * Detail of the reason, such as the other host that the camera named. Text of the camera's, printable
   * ASCII.
   */
  reasonDetail: z.string().max(120).optional(),
  codec: z.string().max(20).optional(),
  width: z.int().min(1).optional(),
  height: z.int().min(1).optional(),
  /** Analysed frames a second over the last 10 s. */
  analysedFps: z.number().min(0),
  reconnects: z.int().min(0),
  /** Milliseconds until the next connection attempt while down. */
  retryInMs: z.number().min(0).optional(),
  /** Pictures a second that the camera delivers, over the last 10 s. */
  deliveredFps: z.number().min(0).optional(),
  /** Analysed frames a second that the site asks for; fewer while only keyframes are decoded. */
  wantedFps: z.number().min(0).optional(),
  /** Decoded frames a second that the detector had no time for: the load that is shed. */
  shedFps: z.number().min(0).optional(),
  /** The part of the stream that is decoded at the moment. */
  decoding: z.enum(['full', 'keyframes']).optional(),
  /** The longest time between two keyframes of late, milliseconds. */
  gopMs: z.number().min(0).optional(),
  decodeErrorsPerMinute: z.int().min(0).optional(),
  reconnectsPerHour: z.int().min(0).optional(),
  /** Its clock minus the box's, milliseconds, once it has been read. */
  clockOffsetMs: z.int().optional(),
  /** For the times of its conditions. Absent where vision has said nothing. */
  wallOffsetMs: WallOffsetMs.optional(),
  /** Its settled faults. Absent or empty means that none is known. */
  conditions: z.array(CameraCondition).max(8).optional(),
});
export type CameraStatus = z.infer<typeof CameraStatus>;
