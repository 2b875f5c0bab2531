import type { InputShape } from '../detect/detector.ts';

/**
 * Frame times on the side channel are in this unit; also MPEG-TS's own, so that live timestamps pass through
 * unchanged.
 */
export const ticksPerSecond = 90_000;

/**
 * A frame may come this much before it is due, seconds: half a frame of a 25 fps camera, whose frames jitter.
 */
const jitterS = 0.02;
/** Never more than this part of the period. */
const jitterPart = 0.05;

/**
 * The first picture of each slot of 1/fps seconds, counted from the stream's first picture. So the mean rate
 * is the one asked for, whatever the camera's own: picked by the time since the last pick, a camera of 12 a
 * second gave 4 of 5.
 */
function pickOf(fps: number): string {
  const early = Math.min(jitterS * fps, jitterPart).toFixed(4);
  const slot = (time: string) => `floor((${time}-start_t)*${fps}+${early})`;
  return `isnan(prev_selected_t)+gt(${slot('t')}\\,${slot('prev_selected_t')})`;
}

/**
 * The filter chain from decoded pictures to the detector's input. Picks `fps` frames a second by their real
 * times (all of a camera that has fewer), scales, pads at the right and bottom, and prints each frame's
 * timestamp on file descriptor 3 before the frame itself goes to stdout.
 */
export function analysisFilter(input: InputShape, fps: number): string {
  const { width, height, fit, pad } = input;
  const grey = pad.toString(16).padStart(2, '0').repeat(3);
  return [
    `select='${pickOf(fps)}'`,
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
 * Raw frames to stdout, as they are: none repeated, none dropped, none held back. One thread: the rawvideo
 * encoder works on as many frames at once as there are cores, and so holds that many back (seen with ffmpeg
 * 5.1: 2 s for keyframes 2 s apart on two cores).
 */
export const rawOutput = [
  ...['-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-threads', '1', '-f', 'rawvideo', 'pipe:1'],
] as const;
