import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { GatehouseError } from '@gatehouse/kit';

/** One scaled frame. `planes` is used again for the next one: copy what must last. */
export interface RawFrame {
  /** The stream's timestamp in ticks of 90 kHz, as ffmpeg's demuxer unrolled it (may be negative or over 33 bits). */
  readonly ticks: number;
  readonly planes: Buffer;
}

/** Times that may wait for their frame's bytes; ffmpeg's pipes hold far fewer. More means that the two are out of step. */
const maxWaitingTimes = 4096;

/** The times that ffmpeg's metadata filter prints: `frame:12   pts:138000  pts_time:1.53333`. */
class FrameTimes {
  readonly #ticks: number[] = [];
  #closed = false;
  #wake: (() => void) | undefined;

  constructor(channel: Readable) {
    const lines = createInterface({ input: channel, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on('line', (line) => {
      const match = /^frame:\d+\s+pts:(-?\d+)/.exec(line);
      if (match && this.#ticks.length < maxWaitingTimes) this.#ticks.push(Number(match[1]));
      this.#wake?.();
    });
    lines.once('close', () => {
      this.#closed = true;
      this.#wake?.();
    });
  }

  /** The next frame's time; undefined when the channel ended without one. */
  async next(): Promise<number | undefined> {
    while (this.#ticks.length === 0 && !this.#closed)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    return this.#ticks.shift();
  }
}

/**
 * Pairs raw frames from ffmpeg's stdout with their times from its side channel, in order. Reads as fast as it is asked:
 * a slow consumer holds ffmpeg back, not memory. Ends with ffmpeg; a cut-off last frame is left out.
 */
export async function* readFrames(
  stdout: Readable,
  sideChannel: Readable,
  bytesPerFrame: number,
): AsyncGenerator<RawFrame> {
  const times = new FrameTimes(sideChannel);
  const planes = Buffer.alloc(bytesPerFrame);
  let filled = 0;
  for await (const chunk of stdout as AsyncIterable<Buffer>) {
    let at = 0;
    while (at < chunk.length) {
      const copied = chunk.copy(planes, filled, at);
      at += copied;
      filled += copied;
      if (filled < bytesPerFrame) break;
      filled = 0;
      const ticks = await times.next();
      if (ticks === undefined)
        throw new GatehouseError(
          'DECODER_OUT_OF_STEP',
          'bug',
          'ffmpeg sent a frame without its time.',
          'See the log; the decoder starts again.',
        );
      yield { ticks, planes };
    }
  }
}
