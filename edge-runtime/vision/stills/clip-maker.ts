import type { Clock } from '@gatehouse/kit';
import { errorOf, type GatehouseError, readBounded } from '@gatehouse/kit';
import { FfmpegChild } from '../ffmpeg/child.ts';
import type { StreamRing } from '../ring/stream-ring.ts';
import { Turnstile } from './turnstile.ts';

/** A stretch of a camera's stream as it came. */
export interface Clip {
  /** Fragmented MP4, not encoded again: H.264 or H.265 as the camera sends it. */
  readonly mp4: Buffer;
  /** Capture times of its first and last picture, milliseconds on the frame timeline. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Longest stretch, milliseconds. */
export const longestClipMs = 120_000;
/** Bytes of a clip: the largest ring that a site may ask for. */
const maxClipBytes = 256 * 1024 * 1024;
const maxRunning = 2;
const maxWaiting = 8;
/** Copying takes milliseconds; one that hangs is ended. */
const copyWithinMs = 10_000;

/** Cuts clips out of a camera's ring on demand. */
export class ClipMaker {
  readonly #clock: Clock;
  readonly #turnstile = new Turnstile(maxRunning, maxWaiting, 'CLIP_BUSY');

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The ring's content between two frame times, from the keyframe before `fromMs` on; of several connections
   * the newest one's part. Throws `CLIP_NOT_FOUND`, `CLIP_TOO_LONG`, `CLIP_BUSY` or `CLIP_FAILED`.
   */
  make(camera: string, ring: StreamRing, fromMs: number, toMs: number): Promise<Clip> {
    return this.#turnstile.pass(async () => {
      if (toMs - fromMs > longestClipMs) throw tooLong();
      const found = ring.stretch(fromMs, toMs);
      if (!found) throw notFound(camera);
      const mp4 = await remux(found.bytes, this.#clock);
      if (mp4.length === 0) throw failed(camera);
      return { mp4, fromMs: found.fromMs, toMs: found.toMs };
    });
  }
}

async function remux(bytes: readonly Buffer[], clock: Clock): Promise<Buffer> {
  const child = new FfmpegChild({
    args: [
      ...['-loglevel', 'error', '-protocol_whitelist', 'pipe', '-f', 'mpegts', '-i', 'pipe:0'],
      ...['-map', '0:v:0', '-c', 'copy', '-movflags', 'frag_keyframe+empty_moov+default_base_moof'],
      ...['-f', 'mp4', 'pipe:1'],
    ],
  });
  const cancel = clock.after(copyWithinMs, () => child.kill());
  try {
    child.stdin.end(Buffer.concat(bytes));
    const mp4 = await readBounded(child.stdout, maxClipBytes);
    await child.exited;
    if (child.failure) throw child.failure;
    return mp4;
  } finally {
    cancel();
    child.kill();
  }
}

function tooLong(): GatehouseError {
  return errorOf('CLIP_TOO_LONG', { seconds: longestClipMs / 1000 });
}

function notFound(camera: string): GatehouseError {
  return errorOf('CLIP_NOT_FOUND', { camera });
}

function failed(camera: string): GatehouseError {
  return errorOf('CLIP_FAILED', { camera });
}
