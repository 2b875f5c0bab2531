/** What ffmpeg found in its input. Width and height in pixels of the coded picture. */
export interface VideoInfo {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
}

/** Pictures over 8K are taken for a hostile header, not for a camera. */
const maxSide = 8192;

/**
 * Reads the size and codec out of ffmpeg's `Stream #0:0[0x100]: Video: h264 (High), yuv420p(tv), 1920x1080 [SAR ...` line
 * (level info). Undefined for every other line. The lines of ffmpeg's output side say `rawvideo` and are passed over.
 */
export function parseVideoInfo(line: string): VideoInfo | undefined {
  const match = /Stream #0:\d+[^:]*(?:\([^)]*\))?: Video: (\w+)\b.*?, (\d{1,5})x(\d{1,5})\b/.exec(line);
  const [, codec = '', w = '', h = ''] = match ?? [];
  const [width, height] = [Number(w), Number(h)];
  if (!codec || codec === 'rawvideo' || codec === 'ppm') return undefined;
  if (width < 1 || height < 1 || width > maxSide || height > maxSide) return undefined;
  return { codec, width, height };
}
