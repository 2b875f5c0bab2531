import { errorOf, systemCode } from '@gatehouse/kit';
import sharp, { type Sharp } from 'sharp';
import type { Size } from '../detect/fit.ts';

/** A decoded picture: three bytes a pixel, red, green, blue, row by row. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

/** Detectors look at no more than this: the still maker gives no larger picture either, pixels. */
const longestLookPx = 1920;
/** Most pixels that a decoder may be made to unpack. */
const maxPixels = 3840 * 2160;

/** Decodes a JPEG, turned as its EXIF says; nothing but its pixels is kept. Throws `STILL_UNREADABLE`. */
export async function decodeStill(jpeg: Uint8Array): Promise<Picture> {
  try {
    const { data, info } = await sharp(jpeg, { limitInputPixels: maxPixels, failOn: 'error' })
      .autoOrient()
      .resize(longestLookPx, longestLookPx, { fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 3) throw new RangeError(`${info.channels} channels`);
    return { width: info.width, height: info.height, rgb: data };
  } catch (cause) {
    throw errorOf(
      'STILL_UNREADABLE',
      { reason: systemCode(cause) ?? (cause instanceof Error ? cause.message.slice(0, 80) : 'unknown') },
      { cause },
    );
  }
}

/** The picture with neither side longer than `longSidePx`. */
export async function shrunk(picture: Picture, longSidePx: number): Promise<Picture> {
  const { data, info } = await raw(picture)
    .resize(longSidePx, longSidePx, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, rgb: data };
}

/**
 * The same with its light spread over the whole range: what a camera gives at night is dark to a detector
 * taught by day.
 */
export async function levelled(picture: Picture): Promise<Picture> {
  return { ...picture, rgb: await raw(picture).normalise().raw().toBuffer() };
}

/** The picture at exactly this size, stretched if the aspect differs. */
export async function resized(picture: Picture, { width, height }: Size): Promise<Picture> {
  const rgb = await raw(picture).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return { width, height, rgb };
}

/**
 * A JPEG of the pixels alone: made from raw bytes, so there is no metadata to carry over. `quality`: 1 to
 * 100.
 */
export function encodeJpeg(picture: Picture, quality: number): Promise<Buffer> {
  return raw(picture).jpeg({ quality }).toBuffer();
}

function raw({ width, height, rgb }: Picture): Sharp {
  return sharp(rgb, { raw: { width, height, channels: 3 } });
}
