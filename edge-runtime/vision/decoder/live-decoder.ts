import type { Clock, Log, Part, Random } from '@gatehouse/kit';
import { Backoff, every, sleep } from '@gatehouse/kit';
import type { DetectorFrame, InputShape } from '../detect/detector.ts';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { watchMemory } from '../ffmpeg/memory-watch.ts';
import { parseVideoInfo, pictureLimit, type VideoInfo } from '../ffmpeg/video-info.ts';
import type { DecodeMode } from '../motion/decode-policy.ts';
import { ptsModulo } from '../ring/frame-timeline.ts';
import type { StreamRing } from '../ring/stream-ring.ts';
import { analysisFilter, frameBytes, rawOutput } from './filter.ts';
import { FrameOutput, readFrames } from './frame-reader.ts';
import type { DecodeAttempt, StreamDecode } from './hardware-decode.ts';
import { RingFeed } from './ring-feed.ts';

/** A live frame at the detector's input shape. `planes` is used again for the next frame. */
export interface LiveFrame extends DetectorFrame {
  /** Capture time on the box's frame timeline, milliseconds. */
  readonly atMs: number;
}

export interface LiveDecoderOptions {
  readonly ring: StreamRing;
  readonly input: InputShape;
  readonly fps: number;
  /** What is decoded; everything if absent. */
  readonly mode?: DecodeMode;
  /** In hardware, where the site wants it and it works; in software if absent. */
  readonly hardware?: StreamDecode | undefined;
  readonly onFrame: (frame: LiveFrame) => void;
  /** Gets each line that ffmpeg prints. */
  readonly onLine?: (line: string) => void;
  readonly clock: Clock;
  /** Measures silence; see `ProcessorMonitor.clock`. The same as `clock` if absent. */
  readonly watchClock?: Clock | undefined;
  readonly random: Random;
  readonly log: Log;
}

/** An ffmpeg ended whose hardware gave no picture: not counted, and another one starts at once. */
const softwareNext = 'software-next';
const pictureSizeChanged = 'picture-size-changed';
/** Pictures come in but none comes out for this long: the decoder is stuck or the stream is garbage, milliseconds. */
export const silentAfterMs = 6_000;
/** Pictures, or keyframes for a decoder of those, that must have come in before silence counts; a decoder may hold a few back. */
const silentAfter: Readonly<Record<DecodeMode, number>> = { full: 5, keyframes: 3 };
const watchPeriodMs = 500;
/** 4K H.265 with sixteen reference pictures takes about 400 MB on one thread; more is a leak or a hostile stream. */
const maxResidentBytes = 768 * 1024 * 1024;
/** Frames for this long and the decoder counts as well: its back-off starts over. */
const healthyAfterMs = 10_000;

/**
 * Turns the ring's compressed stream into frames for the detector with one ffmpeg, apart from the one that pulls: when it
 * crashes or falls behind it starts again at the last keyframe and nothing of the stream is lost to others.
 */
export class LiveDecoder implements Part {
  readonly #options: LiveDecoderOptions;
  readonly #backoff: Backoff;
  readonly #abort = new AbortController();
  #loop: Promise<void> | undefined;
  #child: FfmpegChild | undefined;
  #source: VideoInfo | undefined;
  #restarts = 0;
  #lastFrameMs = 0;
  #comeInAtLastFrame = 0;
  #undecodable = false;

  constructor(options: LiveDecoderOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 200, capMs: 10_000 }, options.random);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.#child?.kill();
    await this.#loop;
  }

  /** Size of the camera's picture, once known. */
  get source(): VideoInfo | undefined {
    return this.#source;
  }
  /** True while pictures come in that do not decode. */
  get undecodable(): boolean {
    return this.#undecodable;
  }
  get restarts(): number {
    return this.#restarts;
  }
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** What it decodes. */
  get mode(): DecodeMode {
    return this.#options.mode ?? 'full';
  }
  /** Pictures of those that it decodes that have come in. */
  get #comeIn(): number {
    const { ring } = this.#options;
    return this.mode === 'full' ? ring.pictures : ring.keyframes;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const why = await this.#decodeOnce();
      if (signal.aborted) return;
      if (why === 'stream-ended' || why === softwareNext) continue;
      this.#restarts++;
      log.warn('decoder-restarts', { why });
      await sleep(clock, this.#backoff.nextMs(), signal);
    }
  }

  /** Waits for the stream, decodes until it ends or fails; says which. */
  async #decodeOnce(): Promise<string> {
    const { ring, clock, watchClock = clock } = this.#options;
    const feed = new RingFeed(ring, watchClock, this.#abort.signal, this.mode === 'keyframes');
    if (!(await feed.started)) {
      feed.stop();
      return 'stream-ended';
    }
    const output = await this.#openOutput();
    if (!output) {
      feed.stop();
      return 'no-descriptors';
    }
    const info = Promise.withResolvers<VideoInfo | undefined>();
    let why = 'ffmpeg-ended';
    const attempt = this.#options.hardware?.attempt();
    const child = new FfmpegChild({
      args: liveArgs(this.#options, attempt),
      output: output.inlet,
      sideChannel: true,
      onLine: (line) => {
        this.#options.onLine?.(line);
        attempt?.heard(line);
        const found = parseVideoInfo(line);
        if (found) info.resolve(found);
        if (!line.includes('Changing video frame properties')) return;
        // The size that boxes are measured by is no longer the picture's.
        why = pictureSizeChanged;
        child.kill();
      },
    });
    this.#child = child;
    void child.exited.then(() => info.resolve(undefined));
    feed.pipeTo(child, () => {
      why = 'fell-behind';
    });
    const stopMemoryWatch = watchMemory(child, maxResidentBytes, clock, this.#options.log);
    const stopWatch = this.#watch(child, () => {
      why = 'nothing-decodes';
    });
    try {
      await this.#readAll(child, output, info.promise, attempt);
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    stopWatch();
    stopMemoryWatch();
    feed.stop();
    child.kill();
    await child.exited;
    this.#child = undefined;
    if (child.failure) return child.failure.code;
    if (feed.ended && why === 'ffmpeg-ended') return 'stream-ended';
    // What ended for another reason than its decoding says nothing of the hardware.
    const told = this.#abort.signal.aborted || why === pictureSizeChanged;
    return !told && attempt?.ended() ? softwareNext : why;
  }

  /** Undefined when this process may open no more files, or is to stop. */
  async #openOutput(): Promise<FrameOutput | undefined> {
    try {
      const output = await FrameOutput.open(frameBytes(this.#options.input));
      if (!this.#abort.signal.aborted) return output;
      output.inlet.destroy();
    } catch (error) {
      this.#options.log.error('decoder-cannot-start', { error });
    }
    return undefined;
  }

  async #readAll(
    child: FfmpegChild,
    output: FrameOutput,
    info: Promise<VideoInfo | undefined>,
    attempt: DecodeAttempt | undefined,
  ): Promise<void> {
    const { onFrame, ring, clock, watchClock = clock } = this.#options;
    if (!child.sideChannel) return;
    const startedMs = watchClock.monotonicMs();
    for await (const { ticks, planes } of readFrames(output, child.sideChannel)) {
      const source = await info;
      if (!source) return;
      attempt?.gaveFrame();
      this.#source = source;
      this.#undecodable = false;
      const nowMs = watchClock.monotonicMs();
      if (nowMs - startedMs > healthyAfterMs) this.#backoff.reset();
      this.#lastFrameMs = nowMs;
      this.#comeInAtLastFrame = this.#comeIn;
      const atMs = ring.atOf(((ticks % ptsModulo) + ptsModulo) % ptsModulo);
      if (atMs !== undefined)
        onFrame({ atMs, planes, sourceWidth: source.width, sourceHeight: source.height });
    }
  }

  #watch(child: FfmpegChild, onSilence: () => void): () => void {
    const { clock, watchClock = clock } = this.#options;
    this.#lastFrameMs = watchClock.monotonicMs();
    this.#comeInAtLastFrame = this.#comeIn;
    return every(clock, watchPeriodMs, () => {
      const silentMs = watchClock.monotonicMs() - this.#lastFrameMs;
      if (silentMs < silentAfterMs || this.#comeIn - this.#comeInAtLastFrame < silentAfter[this.mode]) return;
      this.#undecodable = true;
      onSilence();
      child.kill();
    });
  }
}

function liveArgs({ input, fps, mode }: LiveDecoderOptions, attempt?: DecodeAttempt): string[] {
  return [
    // Probing reads one picture, not five seconds of them; timestamps pass through unchanged; one thread, no frame delay.
    ...['-loglevel', 'info', '-probesize', '262144', '-analyzeduration', '100000'],
    ...['-fpsprobesize', '0', '-copyts', '-protocol_whitelist', 'pipe', '-reinit_filter', '0'],
    ...pictureLimit,
    ...(mode === 'keyframes' ? ['-skip_frame', 'nokey'] : []),
    ...(attempt?.args ?? []),
    ...['-threads', '1', '-f', 'mpegts', '-i', 'pipe:0', '-map', '0:v:0', '-filter_threads', '1'],
    ...['-vf', analysisFilter(input, fps), ...rawOutput],
  ];
}
