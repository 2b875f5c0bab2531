import type { ModelEntry } from '@gatehouse/models';
import type { InputShape } from './detector.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * The part of the input that holds the picture, in pixels from the top left. Letterbox: scaled by r =
 * min(W/w, H/h) and rounded to the nearest pixel, as ffmpeg's `force_original_aspect_ratio=decrease` does;
 * stretch: all of it. The decoder must scale to exactly this and fill the rest with `pad`; boxes are undone
 * with it.
 */
export function fittedSize(input: InputShape, source: Size): Size {
  if (input.fit === 'stretch') return { width: input.width, height: input.height };
  const r = Math.min(input.width / source.width, input.height / source.height);
  const fitted = (side: number, most: number) => Math.min(most, Math.max(1, Math.round(side * r)));
  return { width: fitted(source.width, input.width), height: fitted(source.height, input.height) };
}

/**
 * The input size for pictures of one aspect: the longer side `longSide` pixels, the shorter one just enough,
 * both rounded up to what the model takes (416x256 for 16:9, 416x320 for 4:3, 640x384 for 16:9 at 640). A
 * model of one fixed size has just that.
 */
export function inputSizeFor(entry: ModelEntry, source: Size, longSide?: number): Size {
  const { width, height, multipleOf } = entry.input;
  if (multipleOf === undefined) return { width, height };
  const long = longSide ?? Math.max(width, height);
  const r = long / Math.max(source.width, source.height);
  const up = (side: number) => Math.max(1, Math.ceil((side * r) / multipleOf - 1e-9)) * multipleOf;
  return { width: up(source.width), height: up(source.height) };
}
