import type { ServerResponse } from 'node:http';
import { type Clock, claimStream, errorOf, type GatehouseError, type Log } from '@gatehouse/kit';
import type { StreamRing } from '../ring/stream-ring.ts';
import { Transcoder } from './transcoder.ts';

/** 1080p25 to MPEG-1 takes about a third of a core: so many at once. Drop policy: the newcomer is refused. */
export const maxTranscoders = 8;
/**
 * Most bytes that a reader may leave unread: about 9 s. Drop policy: the reader is cut off and asks again.
 */
const maxUnreadBytes = 2 * 1024 * 1024;

export interface Mpeg1StreamsOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** The ffmpeg to run; `ffmpeg` if absent. */
  readonly ffmpegPath?: string;
}

/**
 * Live views for browsers that play nothing but MPEG-1 (JSMpeg), one transcoder a reader: the console reads
 * one stream a camera for all its viewers. Here and not in the console, because a camera's bytes are decoded
 * in no other service than this one.
 */
export class Mpeg1Streams {
  readonly #options: Mpeg1StreamsOptions;
  readonly #running = new Set<Transcoder>();

  constructor(options: Mpeg1StreamsOptions) {
    this.#options = options;
  }

  /** Transcoders at work. */
  get running(): number {
    return this.#running.size;
  }

  /**
   * Sends a camera to a reader until it goes, the camera's connection ends or ffmpeg does. Throws
   * `LIVE_VIEW_BUSY`.
   */
  send(camera: string, ring: StreamRing, response: ServerResponse): void {
    if (this.#running.size >= maxTranscoders) throw busy();
    claimStream(response);
    const { clock, log, ffmpegPath } = this.#options;
    const transcoder = new Transcoder({
      ring,
      clock,
      ffmpegPath,
      log: log.with({ camera }),
      onBytes: (bytes) => {
        response.write(bytes);
        if (response.writableLength > maxUnreadBytes) response.destroy();
      },
      onEnd: () => {
        this.#running.delete(transcoder);
        response.end();
      },
    });
    this.#running.add(transcoder);
    response.writeHead(200, { 'content-type': 'video/mp2t', 'cache-control': 'no-store' });
    response.flushHeaders();
    response.once('close', () => transcoder.stop());
    transcoder.start();
  }
}

function busy(): GatehouseError {
  return errorOf('LIVE_VIEW_BUSY', { most: maxTranscoders });
}
