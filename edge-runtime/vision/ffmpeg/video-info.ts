/** The video that ffmpeg found in its input. Width and height in pixels of the coded picture. */
export interface VideoInfo {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
}

/** Pixels of one picture: 8K and a little. What is larger is taken for a hostile header, not for a camera. */
export const maxPixels = 8192 * 4320;

/**
 * Input options of every ffmpeg that decodes a camera's bytes: it gives up on a larger picture instead of
 * allocating it. One of 16000 x 8000 took 620 MB with a single reference frame, and a stream may ask for
 * sixteen.
 */
export const pictureLimit = ['-max_pixels', String(maxPixels)] as const;

/**
 * Reads the size and codec out of ffmpeg's `Stream #0:0[0x100]: Video: h264 (High), yuv420p(tv), 1920x1080
 * [SAR ...` line (level info). Undefined for every other line, also for one that holds such text further in:
 * a camera's session name is printed as metadata. The lines of ffmpeg's output side say `rawvideo` and are
 * passed over.
 */
export function parseVideoInfo(line: string): VideoInfo | undefined {
  const match = /^\s*Stream #0:\d+[^:]*(?:\([^)]*\))?: Video: (\w+)\b.*?, (\d{1,7})x(\d{1,7})\b/.exec(line);
  const [, codec = '', w = '', h = ''] = match ?? [];
  const [width, height] = [Number(w), Number(h)];
  if (!codec || codec === 'rawvideo' || codec === 'ppm') return undefined;
  if (width < 1 || height < 1) return undefined;
  return { codec, width, height };
}
