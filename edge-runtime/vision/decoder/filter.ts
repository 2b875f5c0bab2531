import type { InputShape } from '../detect/detector.ts';

/** Frame times on the side channel are in this unit; also MPEG-TS's own, so that live timestamps pass through unchanged. */
export const ticksPerSecond = 90_000;

/**
 * A frame may come this much before it is due, seconds: half a frame of a 25 fps camera, or one whose frames jitter would be
 * analysed at 4.2 instead of 5 frames a second.
 */
const jitterS = 0.02;
/** Never more than this part of the period, or a high rate would be exceeded by much. */
const jitterPart = 0.05;

/** Seconds from one picked frame to the next at the earliest. */
function stepOf(fps: number): number {
  return 1 / fps - Math.min(jitterS, jitterPart / fps);
}

/**
 * The filter chain from decoded pictures to the detector's input. Picks at most `fps` frames a second by their real times, scales, pads at the right and
 * bottom, and prints each frame's timestamp on file descriptor 3 before the frame itself goes to stdout.
 */
export function analysisFilter(input: InputShape, fps: number): string {
  const { width, height, fit, pad } = input;
  const grey = pad.toString(16).padStart(2, '0').repeat(3);
  const stepS = stepOf(fps).toFixed(4);
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

/**
 * Raw frames to stdout, as they are: none repeated, none dropped, none held back. One thread: the rawvideo encoder works on as many
 * frames at once as there are cores, and so holds that many back (seen with ffmpeg 5.1: 2 s for keyframes 2 s apart on two cores).
 */
export const rawOutput = [
  ...['-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-threads', '1', '-f', 'rawvideo', 'pipe:1'],
] as const;
