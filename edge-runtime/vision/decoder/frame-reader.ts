import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { errorOf } from '@gatehouse/kit';
import { Inlet } from '../ffmpeg/inlet.ts';

/** One scaled frame. `planes` is used again for the next one: copy what must last. */
export interface RawFrame {
  /**
   * The stream's timestamp in ticks of 90 kHz, as ffmpeg's demuxer unrolled it (may be negative or over 33
   * bits).
   */
  readonly ticks: number;
  readonly planes: Buffer;
}

/**
 * Times that may wait for their frame's bytes; ffmpeg's pipes hold far fewer. More means that the two are out
 * of step.
 */
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

/** Gathers a decoder's raw output, frame by frame, in one piece of memory. */
export class FrameOutput {
  readonly inlet: Inlet;
  readonly #frame: { readonly planes: Buffer; filled: number };
  #ended = false;
  #settle: (planes: Buffer | undefined) => void = () => undefined;

  private constructor(inlet: Inlet, frame: { readonly planes: Buffer; filled: number }) {
    this.inlet = inlet;
    this.#frame = frame;
    void inlet.ended.then(() => {
      this.#ended = true;
      this.#settle(undefined);
    });
  }

  static async open(bytesPerFrame: number): Promise<FrameOutput> {
    const frame = { planes: Buffer.alloc(bytesPerFrame), filled: 0 };
    const inlet = await Inlet.open({
      room: () => frame.planes.subarray(frame.filled % bytesPerFrame),
      onBytes: (count) => {
        frame.filled += count;
        if (frame.filled < bytesPerFrame) return true;
        output.#settle(frame.planes);
        return false;
      },
    });
    const output: FrameOutput = new FrameOutput(inlet, frame);
    return output;
  }

  /**
   * Reads the next frame over the last one; undefined when there is none (a cut-off last one is left out).
   */
  next(): Promise<Buffer | undefined> {
    if (this.#ended) return Promise.resolve(undefined);
    this.#frame.filled = 0;
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.inlet.resume();
    });
  }
}

/**
 * Pairs raw frames from ffmpeg's stdout with their times from its side channel, in order. Reads as fast as it
 * is asked: a slow consumer holds ffmpeg back, not memory. Ends with ffmpeg; a cut-off last frame is left
 * out.
 */
export async function* readFrames(output: FrameOutput, sideChannel: Readable): AsyncGenerator<RawFrame> {
  const times = new FrameTimes(sideChannel);
  for (let planes = await output.next(); planes; planes = await output.next()) {
    const ticks = await times.next();
    if (ticks === undefined) throw errorOf('DECODER_OUT_OF_STEP');
    yield { ticks, planes };
  }
}
