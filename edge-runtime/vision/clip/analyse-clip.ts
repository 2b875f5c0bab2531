import type { TrackFrame } from '@gatehouse/contracts';
import { decodeClip } from '../decoder/clip-decoder.ts';
import type { Detection, Detector } from '../detect/detector.ts';
import type { ObjectTracker } from '../pipeline/camera-pipeline.ts';

export interface DetectClipOptions {
  /** A video file. */
  readonly file: string;
  readonly detector: Detector;
  /** Most frames a second of clip time; every picked frame is analysed. */
  readonly fps: number;
  readonly signal?: AbortSignal;
}

/** What a detector sees in one frame of a clip. */
export interface ClipDetections {
  /** Seconds from the clip's start. */
  readonly t: number;
  /** Boxes in fractions of the picture. */
  readonly detections: readonly Detection[];
  /** The clip's picture, pixels. */
  readonly width: number;
  readonly height: number;
}

/** Runs a detector over a recorded clip as fast as it can. Throws `CLIP_MISSING` or `CLIP_UNREADABLE`. */
export async function* detectClip(options: DetectClipOptions): AsyncGenerator<ClipDetections> {
  const { detector, ...rest } = options;
  for await (const frame of decodeClip({ ...rest, input: detector.input }))
    yield {
      t: frame.atMs / 1000,
      detections: await detector.detect(frame),
      width: frame.sourceWidth,
      height: frame.sourceHeight,
    };
}

export interface AnalyseClipOptions extends DetectClipOptions {
  readonly camera: string;
  readonly tracker: ObjectTracker;
}

/**
 * The live way (decoder, detector, tracker) over a recorded clip as fast as it can, on the clip's own timestamps: `atMs` is
 * milliseconds from the clip's start. Every picked frame is analysed, so the same clip gives the same tracks.
 */
export async function* analyseClip(options: AnalyseClipOptions): AsyncGenerator<TrackFrame> {
  const { camera, tracker, ...rest } = options;
  for await (const { t, detections, width, height } of detectClip(rest)) {
    const atMs = t * 1000;
    yield {
      camera,
      atMs,
      tracks: tracker.update(atMs, detections),
      aspect: Math.min(8, Math.max(0.2, width / height)),
    };
  }
}
