import type { Clock } from '@gatehouse/kit';
import { errorOf, type GatehouseError, readBounded } from '@gatehouse/kit';
import sharp from 'sharp';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { maxPixels, pictureLimit } from '../ffmpeg/video-info.ts';
import { ptsModulo } from '../ring/frame-timeline.ts';
import type { Gop, RingFrame } from '../ring/gop-store.ts';
import type { StreamRing } from '../ring/stream-ring.ts';
import { parsePpm } from './ppm.ts';
import { Turnstile } from './turnstile.ts';

export interface Still {
  readonly jpeg: Buffer;
  /** Capture time of the picture, milliseconds on the frame timeline. */
  readonly atMs: number;
}

/** One still costs a decoder for up to one group of pictures; two at once leave room for the analysis. */
const maxRunning = 2;
/** Requests that may wait; more are refused at once (drop policy: drop-newest). */
const maxWaiting = 8;
/** From the start of the decoder to the picture, milliseconds. */
const decodeWithinMs = 4_000;
/** Raw bytes of one picture: RGB and its header. */
const maxPictureBytes = maxPixels * 3 + 64;
const longestSide = 1920;
const jpegQuality = 82;

/** Makes full-size stills out of a camera's ring on demand. */
export class StillMaker {
  readonly #clock: Clock;
  readonly #turnstile = new Turnstile(maxRunning, maxWaiting, 'STILL_BUSY');

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The picture nearest to a time (within 2 s), the newest without one, as JPEG of at most 1920 pixels a side
   * and without metadata. Throws `STILL_NOT_FOUND`, `STILL_BUSY` or `STILL_FAILED`.
   */
  make(camera: string, ring: StreamRing, atMs?: number): Promise<Still> {
    return this.#turnstile.pass(async () => {
      const found = ring.find(atMs);
      if (!found) throw notFound(camera, atMs);
      const ppm = await decodePicture(found, this.#clock);
      const { width, height, pixels } = parsePpm(ppm) ?? failPicture(camera);
      const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .resize(longestSide, longestSide, { fit: 'inside', withoutEnlargement: true })
        .jpeg({ quality: jpegQuality })
        .toBuffer();
      return { jpeg, atMs: found.frame.atMs };
    });
  }
}

/** Decodes one picture of a group; PPM bytes, empty if it did not decode. */
async function decodePicture({ gop, frame }: { gop: Gop; frame: RingFrame }, clock: Clock): Promise<Buffer> {
  // ffmpeg unrolls 33-bit timestamps around a wrap, so they are compared modulo 2^33.
  const wanted = `eq(mod(pts+${ptsModulo}\\,${ptsModulo})\\,${frame.pts})`;
  const child = new FfmpegChild({
    args: [
      ...['-loglevel', 'error', '-copyts', '-protocol_whitelist', 'pipe', '-threads', '1'],
      ...[...pictureLimit, '-f', 'mpegts'],
      ...['-i', 'pipe:0', '-map', '0:v:0', '-filter_threads', '1', '-vf', `select='${wanted}'`],
      ...[
        '-frames:v',
        '1',
        '-fps_mode',
        'passthrough',
        '-f',
        'image2pipe',
        '-c:v',
        'ppm',
        '-threads',
        '1',
        'pipe:1',
      ],
    ],
  });
  const cancel = clock.after(decodeWithinMs, () => child.kill());
  try {
    child.stdin.end(Buffer.concat([gop.header, ...gop.chunks]));
    const bytes = await readBounded(child.stdout, maxPictureBytes);
    await child.exited;
    if (child.failure) throw child.failure;
    return bytes;
  } finally {
    cancel();
    child.kill();
  }
}

function notFound(camera: string, atMs: number | undefined): GatehouseError {
  const when = atMs === undefined ? 'yet' : `within 2 s of ${Math.round(atMs)}`;
  return errorOf('STILL_NOT_FOUND', { camera, when });
}

function failPicture(camera: string): never {
  throw errorOf('STILL_FAILED', { camera });
}
