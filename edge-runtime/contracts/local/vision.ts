import { z } from 'zod';
import { TrackFrame } from '../track.ts';
import { CameraStatus } from './camera.ts';
import { ServiceHealth } from './health.ts';
import { queryMs, queryNumber } from './query.ts';
import { bytes, events, json, localTable, nothing, raw, stream } from './table.ts';

/** A larger still is none of ours: the still maker's are some 300 kB. */
export const maxStillBytes = 4 * 1024 * 1024;

const noTime = { refusal: 'FRAME_TIME_INVALID' } as const;

export const visionForRuntime = localTable('vision', 'runtime', {
  health: { is: 'GET /health', about: 'how the service is', answer: json(ServiceHealth) },
  cameras: { is: 'GET /cameras', about: 'cameras as they are now', answer: json(z.array(CameraStatus)) },
  events: {
    is: 'GET /events',
    about: 'every camera once, then tracked objects a frame and each change of a camera',
    answer: events({ 'track-frame': TrackFrame, camera: CameraStatus }),
  },
  still: {
    is: 'GET /cameras/:id/still',
    about: 'the full picture nearest to a frame time, the newest without one; CAMERA_UNKNOWN, STILL_*',
    query: z.object({ atMs: queryMs.optional() }),
    ...noTime,
    answer: bytes('image/jpeg', 'x-frame-at-ms'),
  },
  clip: {
    is: 'GET /cameras/:id/clip',
    about:
      'fragmented MP4, as the camera encoded it, between two frame times: from the keyframe before `from` on, 120 s at most; CAMERA_UNKNOWN, CLIP_*',
    query: z
      .object({ from: queryMs, to: queryMs })
      .refine(({ from, to }) => from <= to, { error: 'must not be before from', path: ['to'] }),
    ...noTime,
    answer: bytes('video/mp4', 'x-from-ms', 'x-to-ms'),
  },
  decisionNear: {
    is: 'POST /cameras/:id/decision-near',
    about: 'everything is decoded for so long: a rule is about to decide',
    query: z.object({ forMs: queryMs }),
    ...noTime,
    answer: nothing,
  },
  retakeBaseline: {
    is: 'POST /cameras/:id/retake-baseline',
    about: "a person says that the camera's view is right as it is",
    answer: nothing,
  },
  stream: {
    is: 'GET /cameras/:id/stream',
    about:
      'MPEG-TS from the last keyframe on, live until closed; as=mpeg1: transcoded to MPEG-1, 960 wide and 25 pictures a second at most',
    query: z.object({ as: z.literal('mpeg1').optional() }),
    refusal: 'STREAM_FORM_UNKNOWN',
    answer: stream('video/mp2t'),
  },
  redact: {
    is: 'POST /redactions',
    about:
      'the picture without faces, and RedactedFacts in a header; an error and no picture if anything fails (REDACTION_*, MODEL_*, STILL_UNREADABLE)',
    query: z.object({ maxPeople: queryNumber().int().min(0) }),
    body: raw('image/jpeg', 'REDACTION_REQUEST/body'),
    maxBodyBytes: maxStillBytes,
    refusal: 'REDACTION_REQUEST',
    answer: bytes('image/jpeg', 'x-redacted'),
  },
});
