import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * A still scene with a sensor's noise: 1080p, 25 frames a second, a keyframe every 2 s, about as large as a
 * camera's stream.
 */
export function quietClip(folder: string): string {
  const file = join(folder, 'quiet-1080p25.mp4');
  const scene = 'testsrc2=size=1920x1080:rate=1:duration=1,trim=end_frame=1,loop=loop=-1:size=1,fps=25';
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `${scene},noise=alls=3:allf=t`, '-t', '8'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-tune',
      'zerolatency',
      '-pix_fmt',
      'yuv420p',
      '-crf',
      '28',
    ],
    ...[
      '-x264-params',
      'sliced-threads=0:threads=2',
      '-g',
      '50',
      '-keyint_min',
      '50',
      '-sc_threshold',
      '0',
      file,
    ],
  ]);
  return file;
}

/** A small picture in which something always moves: 360p, a keyframe a second. */
export function busyClip(folder: string, { size = '640x360', name = 'busy-360p.mp4' } = {}): string {
  const file = join(folder, name);
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=12`, '-t', '10'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', '0'],
    ...['-g', '12', '-keyint_min', '12', '-sc_threshold', '0', file],
  ]);
  return file;
}

/** The same in H.265. */
export function otherCodecClip(folder: string): string {
  const file = join(folder, 'busy-h265.mp4');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=12', '-t', '10'],
    ...['-c:v', 'libx265', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'],
    ...['-x265-params', 'log-level=error:keyint=12:min-keyint=12:bframes=0:open-gop=0', file],
  ]);
  return file;
}
