import { decodeClip } from '../decoder/clip-decoder.ts';
import type { InputShape } from '../detect/detector.ts';

/** Enough to learn the size; the picture itself is thrown away. */
const tiny: InputShape = { width: 16, height: 16, fit: 'stretch', pad: 0 };

/** The size of a clip's picture in pixels. Throws `CLIP_MISSING` or `CLIP_UNREADABLE`. */
export async function probeClip(file: string): Promise<{ width: number; height: number }> {
  for await (const frame of decodeClip({ file, input: tiny, fps: 25 }))
    return { width: frame.sourceWidth, height: frame.sourceHeight };
  throw new TypeError('decodeClip ended without a frame and without an error');
}
