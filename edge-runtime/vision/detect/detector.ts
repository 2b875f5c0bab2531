import type { Box, ObjectClass } from '@gatehouse/contracts';
import type { GatehouseError } from '@gatehouse/kit';

/** How a picture becomes a model's input; the decoder scales in ffmpeg to exactly this. */
export interface InputShape {
  readonly width: number;
  readonly height: number;
  /** `letterbox`: keep the aspect, image at the top left, rest filled with `pad`; `stretch`: fill. */
  readonly fit: 'letterbox' | 'stretch';
  /** Grey level 0-255 of the letterbox rest. */
  readonly pad: number;
}

/** One object in one frame. `box` in fractions of the picture (not of the letterboxed input). */
export interface Detection {
  readonly class: ObjectClass;
  readonly score: number;
  readonly box: Box;
  /**
   * Below the model's threshold: no object by itself, but enough to go on following one (ByteTrack's low
   * scores).
   */
  readonly doubtful?: true;
  /**
   * Of the bundled detector, which sees vehicles in drain covers and furniture: whether an alarm may rest on
   * such scores alone.
   */
  readonly bundled?: 'sure' | 'doubtful';
}

/**
 * One frame at the detector's input shape: three planes of width x height bytes in the order G, B, R (ffmpeg
 * `gbrp`), with the size of the picture it was scaled from.
 */
export interface DetectorFrame {
  readonly planes: Uint8Array;
  readonly sourceWidth: number;
  readonly sourceHeight: number;
}

/** A loaded model. Not re-entrant: one `detect` at a time. */
export interface Detector {
  readonly input: InputShape;
  /** Why it does not run on the execution provider that was asked for, but on the CPU. */
  readonly providerFault?: GatehouseError | undefined;
  detect(frame: DetectorFrame): Promise<Detection[]>;
  close(): Promise<void>;
}
