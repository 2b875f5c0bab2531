import { z } from 'zod';
import { Id } from './primitives.ts';

/** A camera as the vision service sees it. `stale` and `down` mean unknown: neither clear nor alarmed. */
export const CameraStatus = z.strictObject({
  id: Id,
  state: z.enum(['starting', 'live', 'stale', 'down']),
  /** Milliseconds since the newest analysed frame was captured; absent before the first. */
  frameAgeMs: z.number().min(0).optional(),
  /** Why it is not live: a stable code such as `CAMERA_UNAUTHORIZED`, `CAMERA_UNREACHABLE`, `CAMERA_STALLED`, `CAMERA_GARBAGE`. */
  reason: z.string().max(60).optional(),
  codec: z.string().max(20).optional(),
  width: z.int().min(1).optional(),
  height: z.int().min(1).optional(),
  /** Analysed frames a second over the last 10 s. */
  analysedFps: z.number().min(0),
  reconnects: z.int().min(0),
  /** Milliseconds until the next connection attempt while down. */
  retryInMs: z.number().min(0).optional(),
});
export type CameraStatus = z.infer<typeof CameraStatus>;
