import type { TrackFrame } from '@gatehouse/contracts';
import { decodeClip } from '../decoder/clip-decoder.ts';
import type { StreamDecode } from '../decoder/hardware-decode.ts';
import type { Detection, Detector, DetectorFrame } from '../detect/detector.ts';
import type { ObjectTracker } from '../pipeline/camera-pipeline.ts';
import type { SceneStage } from '../pipeline/scene-stage.ts';
import { greyOf } from '../scene/grey.ts';

export interface DetectClipOptions {
  /** A video file. */
  readonly file: string;
  readonly detector: Detector;
  /** Most frames a second of clip time; every picked frame is analysed. */
  readonly fps: number;
  /** How the clip is decoded; in software if absent. */
  readonly hardware?: StreamDecode | undefined;
  readonly signal?: AbortSignal;
}

/** Detections in one frame of a clip. */
export interface ClipDetections {
  /** Seconds from the clip's start. */
  readonly t: number;
  /** Boxes in fractions of the picture. */
  readonly detections: readonly Detection[];
  /** The clip's picture, pixels. */
  readonly width: number;
  readonly height: number;
  /** The frame at the detector's input; its planes are used again for the next one. */
  readonly frame: DetectorFrame;
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
      frame,
    };
}

export interface AnalyseClipOptions extends DetectClipOptions {
  readonly camera: string;
  readonly tracker: ObjectTracker;
  /** Looks at each frame after the tracker and may add tracks. */
  readonly stage?: SceneStage | undefined;
}

/**
 * The live way (decoder, detector, tracker, stage) over a recorded clip as fast as it can, on the clip's own
 * timestamps: `atMs` is milliseconds from the clip's start. Every picked frame is analysed, so the same clip
 * gives the same tracks.
 */
export async function* analyseClip(options: AnalyseClipOptions): AsyncGenerator<TrackFrame> {
  const { camera, tracker, stage, ...rest } = options;
  const { input } = rest.detector;
  for await (const { t, detections, width, height, frame } of detectClip(rest)) {
    const atMs = t * 1000;
    const tracks = tracker.update(atMs, detections, greyOf(frame, input));
    const added = stage?.see({ atMs, frame, input, tracks, view: 'clear' }) ?? [];
    yield {
      camera,
      atMs,
      tracks: [...tracks, ...added],
      ...(tracker.places.length > 0 ? { places: [...tracker.places] } : {}),
      aspect: Math.min(8, Math.max(0.2, width / height)),
    };
  }
}
