import type { InputShape } from '../detect/detector.ts';

/** Frame times on the side channel are in this unit; also MPEG-TS's own, so that live timestamps pass through unchanged. */
export const ticksPerSecond = 90_000;

/**
 * The filter chain from decoded pictures to the detector's input. Picks at most `fps` frames a second by their real times
 * (5 % tolerance, or a 25 fps camera whose frames jitter would be analysed at 4.2 instead of 5), scales, pads at the right and
 * bottom, and prints each frame's timestamp on file descriptor 3 before the frame itself goes to stdout.
 */
export function analysisFilter(input: InputShape, fps: number): string {
  const { width, height, fit, pad } = input;
  const grey = pad.toString(16).padStart(2, '0').repeat(3);
  const stepS = (0.95 / fps).toFixed(4);
  return [
    `select='isnan(prev_selected_t)+gte(t-prev_selected_t\\,${stepS})'`,
    `settb=1/${ticksPerSecond}`,
    ...(fit === 'letterbox'
      ? [
          `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bilinear`,
          `pad=${width}:${height}:0:0:color=0x${grey}`,
        ]
      : [`scale=${width}:${height}:flags=bilinear`]),
    'format=gbrp',
    'metadata=mode=add:key=g:value=1',
    "metadata=mode=print:file='pipe\\:3':direct=1",
  ].join(',');
}

/** Bytes of one raw frame: three planes. */
export function frameBytes(input: InputShape): number {
  return input.width * input.height * 3;
}

/** Raw frames to stdout, as they are: none repeated, none dropped, none held back. */
export const rawOutput = ['-fps_mode', 'passthrough', '-f', 'rawvideo', 'pipe:1'] as const;
