import type { Clock, Log, Part, Random } from '@gatehouse/kit';
import { every, GatehouseError, sleep, systemCode } from '@gatehouse/kit';
import { FfmpegChild } from '../ffmpeg/child.ts';
import { Inlet } from '../ffmpeg/inlet.ts';
import { watchMemory } from '../ffmpeg/memory-watch.ts';
import { CameraFault } from '../rtsp/camera-fault.ts';
import { type CameraSource, placeOf } from '../rtsp/camera-source.ts';
import { CameraRelay } from '../rtsp/relay.ts';
import { concatScript } from './concat-script.ts';
import type { ConnectionLimiter } from './connection-limiter.ts';
import { classifyFailure, classifyStall, type PullFailure } from './failure.ts';
import { RetryPlan } from './retry.ts';

/** Where the compressed stream goes. */
export interface PullSink {
  /** A new connection starts: its timestamps have nothing to do with the last one's. */
  begin(): void;
  /** Takes MPEG-TS bytes, which are overwritten when it has returned; returns how many pictures began in them. */
  push(chunk: Buffer): number;
  /** The connection is over. */
  end(): void;
}

export interface PullStatus {
  readonly phase: 'connecting' | 'streaming' | 'waiting' | 'stopped';
  /** Why the last connection ended; stays until pictures come again. */
  readonly reason: PullFailure | undefined;
  /** Detail of the reason, such as the other host that the camera named; at most 120 printable characters. */
  readonly detail: string | undefined;
  readonly reconnects: number;
  readonly retryInMs: number | undefined;
}

export interface PullerOptions {
  /**
   * Asked before every connection, so that a password written or changed later is taken up. When it throws, the camera is down
   * as `CAMERA_SECRET_MISSING`.
   */
  readonly source: () => CameraSource;
  readonly sink: PullSink;
  /** Shared by all cameras of the box; unbounded if absent. */
  readonly connections?: ConnectionLimiter;
  readonly clock: Clock;
  /** Measures silence; see `ProcessorMonitor.clock`. The same as `clock` if absent. */
  readonly watchClock?: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** A camera that has sent no picture for this long while streaming is stalled, milliseconds. */
export const stallAfterMs = 5_000;
/** From connecting to the first picture; RTSP set-up and a long GOP fit in. */
export const firstPictureWithinMs = 15_000;
/** Pictures for this long and the camera counts as well: the back-off starts over. */
const healthyAfterMs = 10_000;
const watchPeriodMs = 500;
/** A puller copies; 30 to 60 MB are usual. One that has grown beyond this leaks and is started again. */
const maxResidentBytes = 256 * 1024 * 1024;

/** Bytes taken at once at most; ffmpeg writes 32 kB. */
const readBytes = 64 * 1024;

/**
 * Keeps one ffmpeg connected to one camera: RTSP over TCP, stream copy to MPEG-TS. Whatever ends it (camera, network,
 * garbage, a stall), it comes back after a jittered wait. It never throws into the service.
 */
export class Puller implements Part {
  readonly #options: PullerOptions;
  readonly #retry: RetryPlan;
  readonly #abort = new AbortController();
  #loop: Promise<void> | undefined;
  #child: FfmpegChild | undefined;
  #phase: PullStatus['phase'] = 'stopped';
  #reason: PullFailure | undefined;
  #detail: string | undefined;
  #attempts = 0;
  /** Attempts since the last picture. */
  #failures = 0;
  #retryAtMs: number | undefined;

  constructor(options: PullerOptions) {
    this.#options = options;
    this.#retry = new RetryPlan(options.random);
  }

  start(): void {
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#child?.stop(this.#options.clock);
    await this.#loop;
    this.#phase = 'stopped';
  }

  get status(): PullStatus {
    const retryInMs =
      this.#retryAtMs === undefined
        ? undefined
        : Math.max(0, this.#retryAtMs - this.#options.clock.monotonicMs());
    return {
      phase: this.#phase,
      reason: this.#reason,
      detail: this.#detail,
      reconnects: Math.max(0, this.#attempts - 1),
      retryInMs,
    };
  }

  /** The process id of the running ffmpeg, if one runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#abort;
    while (!signal.aborted) {
      const end = await this.#pullOnce();
      const [failure, fault] = end instanceof CameraFault ? [end.code, end] : [end, undefined];
      this.#failures++;
      if (signal.aborted) return;
      const waitMs = this.#retry.nextMs(failure);
      if (failure !== this.#reason)
        log.warn('camera-lost', {
          ...{ reason: failure, retryInMs: Math.round(waitMs) },
          ...(fault ? { error: fault } : {}),
        });
      this.#reason = failure;
      this.#detail = fault?.detail;
      this.#phase = 'waiting';
      this.#retryAtMs = clock.monotonicMs() + waitMs;
      await sleep(clock, waitMs, signal);
      this.#retryAtMs = undefined;
    }
  }

  /** Where the camera is; undefined, with a line in the log when that is new, while its secret cannot be read. */
  #findSource(): CameraSource | undefined {
    try {
      return this.#options.source();
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      if (this.#reason !== 'CAMERA_SECRET_MISSING')
        this.#options.log.error('camera-secret-missing', { error });
      return undefined;
    }
  }

  /** Where ffmpeg's output goes. Throws what the system says, such as EMFILE. */
  #openOutput(take: (chunk: Buffer) => void): Promise<Inlet> {
    const taken = Buffer.alloc(readBytes);
    const onBytes = (count: number) => {
      take(taken.subarray(0, count));
      return true;
    };
    return Inlet.open({ room: () => taken, onBytes });
  }

  /** One connection, from connecting to its end; returns why it ended. */
  async #pullOnce(): Promise<PullFailure | CameraFault> {
    const { clock, connections, log } = this.#options;
    const source = this.#findSource();
    if (!source) return 'CAMERA_SECRET_MISSING';
    const { signal } = this.#abort;
    const { host, port } = placeOf(source);
    const applicant = { host: `${host}:${port}`, failing: this.#reason !== undefined && this.#failures > 1 };
    const leave = (await connections?.enter(applicant, signal)) ?? (() => undefined);
    try {
      if (signal.aborted) return 'CAMERA_ENDED';
      this.#phase = 'connecting';
      this.#attempts++;
      const { watchClock = clock } = this.#options;
      const startedMs = watchClock.monotonicMs();
      const relay = await CameraRelay.open({ source, clock: watchClock, signal });
      try {
        return await this.#pullThrough(relay, startedMs, leave);
      } finally {
        relay.close();
      }
    } catch (error) {
      if (error instanceof CameraFault) return error;
      if (systemCode(error) === undefined) throw error;
      // This process may open no more files.
      log.error('pull-cannot-start', { error });
      return 'FFMPEG_MISSING';
    } finally {
      leave();
    }
  }

  /** Runs ffmpeg on a relay until one of them ends. */
  async #pullThrough(
    relay: CameraRelay,
    startedMs: number,
    leave: () => void,
  ): Promise<PullFailure | CameraFault> {
    const { clock, watchClock = clock, sink, log } = this.#options;
    let take: (chunk: Buffer) => void = () => undefined;
    const output = await this.#openOutput((chunk) => take(chunk));
    if (this.#abort.signal.aborted) {
      output.destroy();
      return 'CAMERA_ENDED';
    }
    let firstPictureMs: number | undefined;
    let newestMs = startedMs;
    let stalled = false;
    const child = new FfmpegChild({ args: pullArgs, output });
    this.#child = child;
    child.stdin.end(concatScript(relay.url));
    sink.begin();
    take = (chunk) => {
      if (sink.push(chunk) === 0) return;
      newestMs = watchClock.monotonicMs();
      if (firstPictureMs === undefined) {
        firstPictureMs = newestMs;
        this.#failures = 0;
        leave();
        this.#phase = 'streaming';
        this.#reason = undefined;
        this.#detail = undefined;
        log.info('camera-connected', { afterMs: Math.round(newestMs - startedMs) });
      } else if (newestMs - firstPictureMs > healthyAfterMs) this.#retry.reset();
    };
    output.resume();
    const stopWatch = every(clock, watchPeriodMs, () => {
      const limitMs = firstPictureMs === undefined ? firstPictureWithinMs : stallAfterMs;
      if (watchClock.monotonicMs() - newestMs <= limitMs) return;
      stalled = true;
      child.kill();
    });
    const stopMemoryWatch = watchMemory(child, maxResidentBytes, clock, log);
    const exit = await child.exited;
    stopWatch();
    stopMemoryWatch();
    sink.end();
    this.#child = undefined;
    log.debug('pull-ended', { ...exit, stalled, stderr: child.tail.slice(-400) });
    if (child.failure) return 'FFMPEG_MISSING';
    if (relay.fault) return relay.fault;
    return stalled ? classifyStall(child.tail) : classifyFailure(child.tail, firstPictureMs !== undefined);
  }
}

/**
 * ffmpeg gives the first packets of an RTSP stream no times (seen with 5.1: the first one no pts, all up to the first reordered
 * one no dts), and the TS muxer refuses those. Dropping them would cost the first keyframe and so a whole group of pictures.
 * The keyframe is set one picture before the first known time, the first decoding times a second earlier, in order.
 */
const firstTimes = [
  "setts=pts='if(eq(PTS,NOPTS),if(N,PREV_OUTPTS+max(DURATION,1),-max(DURATION,1)),PTS)'",
  "dts='if(lt(N,8),N-90000,if(eq(DTS,NOPTS),PREV_OUTDTS+1,DTS))'",
].join(':');

/**
 * Stream copy only: decoding in the same process would let a slow reader stall the copy. No muxing delay;
 * every packet is flushed. Only the protocols that the relay needs are allowed: a camera must not send ffmpeg
 * to files or other hosts.
 */
const pullArgs = [
  ...['-loglevel', 'warning', '-fpsprobesize', '0', '-analyzeduration', '500000'],
  ...['-f', 'concat', '-safe', '0', '-protocol_whitelist', 'pipe,rtsp,tcp', '-i', 'pipe:0'],
  ...[
    '-map',
    '0:v:0',
    '-c',
    'copy',
    '-bsf:v',
    firstTimes,
    '-muxdelay',
    '0',
    '-muxpreload',
    '0',
    '-flush_packets',
    '1',
  ],
  ...['-f', 'mpegts', 'pipe:1'],
] as const;
