import type { CameraStatus, StoodAt, Track, TrackFrame } from '@gatehouse/contracts';
import { type Clock, every, type Log, type Part, type ProcessorMonitor, type Random } from '@gatehouse/kit';
import { AdaptiveDecoder } from '../decoder/adaptive-decoder.ts';
import type { StreamDecode } from '../decoder/hardware-decode.ts';
import type { LiveFrame } from '../decoder/live-decoder.ts';
import type { Detection, InputShape } from '../detect/detector.ts';
import type { InferenceLane } from '../infer/inference-lane.ts';
import type { Seat, TimedFrame } from '../infer/seat.ts';
import { CameraMotion } from '../motion/camera-motion.ts';
import type { DecodeMode } from '../motion/decode-policy.ts';
import type { ConnectionLimiter } from '../puller/connection-limiter.ts';
import { Puller, type PullSink } from '../puller/puller.ts';
import type { RingLimits } from '../ring/gop-store.ts';
import { type CompressedPicture, StreamRing } from '../ring/stream-ring.ts';
import type { CameraSource } from '../rtsp/camera-source.ts';
import { greyOf } from '../scene/grey.ts';
import { lumaOf } from '../scene/luma.ts';
import type { GreyPicture } from '../track/index.ts';
import { CameraMonitor } from './camera-monitor.ts';
import { cameraStatus } from './camera-state.ts';
import { RateMeter } from './rate-meter.ts';
import type { SceneStage } from './scene-stage.ts';

/** Follows objects from frame to frame; `Tracker` of ../track. */
export interface ObjectTracker {
  update(atMs: number, detections: readonly Detection[], picture?: GreyPicture): Track[];
  /** Where objects stood still, as the picture of the last frame shows these places. */
  readonly places: readonly StoodAt[];
}

export interface CameraPipelineOptions {
  readonly id: string;
  /** Asked before every connection; may throw while the camera's secret cannot be read. */
  readonly source: () => CameraSource;
  readonly fps: number;
  readonly lane: InferenceLane;
  readonly tracker: ObjectTracker;
  readonly limits: RingLimits;
  /** Bounds connection attempts of all cameras together. */
  readonly connections?: ConnectionLimiter;
  /**
   * `full`: everything is always decoded; else keyframes only while nothing moves and they are close enough.
   */
  readonly decode?: 'adaptive' | 'full';
  /** The decoder of its pictures; in software if absent. */
  readonly hardware?: StreamDecode;
  /** Looks at each analysed picture after the tracker and may add tracks. */
  readonly stage?: SceneStage | undefined;
  /** Gets every analysed frame, in rising `atMs`. */
  readonly onTrackFrame: (frame: TrackFrame) => void;
  /** The box's frame timeline, epoch milliseconds that never step. */
  readonly now: () => number;
  /** The wall clock minus that timeline, ms: frames and status carry it to those who need the time of day. */
  readonly wallOffsetMs: () => number;
  readonly clock: Clock;
  /** Says if the box has enough processor; it always has if absent. */
  readonly processor?: Pick<ProcessorMonitor, 'short' | 'clock'>;
  readonly random: Random;
  readonly log: Log;
}

/** Facts that only time changes (a frame's age) are looked at this often, milliseconds. */
const lookEveryMs = 1_000;

/**
 * One camera from its connection to its track frames: puller -> ring -> decoder -> detector's lane ->
 * tracker.
 */
export class CameraPipeline implements Part {
  readonly id: string;
  readonly ring: StreamRing;
  readonly #options: CameraPipelineOptions;
  readonly #processor: Pick<ProcessorMonitor, 'short' | 'clock'>;
  readonly #puller: Puller;
  readonly #rate = new RateMeter();
  readonly #motion: CameraMotion;
  readonly #monitor: CameraMonitor;
  #decoder: AdaptiveDecoder | undefined;
  #startedMs = 0;
  /** As of the last look; the clock of the camera was compared with the box's as it was then. */
  #wallOffsetMs = 0;
  #analysedMs: number | undefined;
  #stopped = false;
  #stopLooking: () => void = () => undefined;

  constructor(options: CameraPipelineOptions) {
    const { id, source, limits, connections, now, clock, random } = options;
    const log = options.log.with({ camera: id });
    const processor = options.processor ?? { short: false, clock };
    this.id = id;
    this.#options = { ...options, log };
    this.#processor = processor;
    this.#motion = new CameraMotion(now());
    this.#monitor = new CameraMonitor({
      watchMs: () => processor.clock.monotonicMs(),
      get short() {
        return processor.short;
      },
    });
    this.ring = new StreamRing({ limits, now, onPicture: (picture) => this.#compressed(picture) });
    this.#puller = new Puller({
      source,
      sink: this.#sink(),
      ...(connections ? { connections } : {}),
      clock,
      watchClock: processor.clock,
      random,
      log,
    });
  }

  start(): void {
    const { now, wallOffsetMs, clock } = this.#options;
    this.#startedMs = now();
    this.#wallOffsetMs = wallOffsetMs();
    this.#stopLooking = every(clock, lookEveryMs, () => {
      this.#followClock();
      this.#monitor.look(now());
    });
    this.#puller.start();
    this.#options.lane.onInput((input) => this.#analyse(input));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopLooking();
    await Promise.all([this.#puller.stop(), this.#decoder?.stop()]);
    this.ring.end();
  }

  /** Process ids of its two ffmpegs while they run. */
  get pullerPid(): number | undefined {
    return this.#puller.pid;
  }
  get decoderPid(): number | undefined {
    return this.#decoder?.pid;
  }

  /** The part of the stream that is decoded at the moment. */
  get decoding(): DecodeMode {
    return this.#decoder?.mode ?? 'full';
  }

  /** A rule is about to decide: everything is decoded for so long, milliseconds, 10 s at most. */
  decisionNear(forMs: number): void {
    this.#motion.decisionNear(this.#options.now(), forMs);
    this.#adapt();
  }

  /** Its clock was read: so far from the box's, milliseconds. */
  clockOffset(offsetMs: number): void {
    this.#followClock();
    this.#monitor.clockOffset(this.#options.now(), offsetMs);
  }

  /** A person says that the camera stands as it should: its present picture is the usual one from now on. */
  retakeBaseline(): void {
    this.#monitor.retakeBaseline();
    this.#options.stage?.retakeBaseline?.();
  }

  get status(): CameraStatus {
    const { now, wallOffsetMs, clock, lane, fps } = this.#options;
    const size = this.#decoder?.source;
    const status = cameraStatus({
      id: this.id,
      nowMs: now(),
      startedMs: this.#startedMs,
      analysedMs: this.#analysedMs,
      pull: this.#puller.status,
      modelFailure: lane.status.failure?.code,
      undecodable: this.#decoder?.undecodable ?? false,
      codec: this.ring.codec,
      width: size?.width,
      height: size?.height,
      analysedFps: this.#rate.perSecond(clock.monotonicMs()),
      wantedFps: fps,
      decoding: this.decoding,
      gopMs: this.ring.longestGopMs,
      health: this.#monitor.facts(now()),
      processorShort: this.#processor.short,
    });
    return { ...status, wallOffsetMs: wallOffsetMs() };
  }

  #followClock() {
    const { now, wallOffsetMs } = this.#options;
    const stepMs = wallOffsetMs() - this.#wallOffsetMs;
    if (stepMs === 0) return;
    this.#wallOffsetMs += stepMs;
    this.#monitor.boxClockSet(now(), stepMs);
  }

  /** The ring. Motion is judged anew after every new connection. */
  #sink(): PullSink {
    let before = 0;
    return {
      begin: () => {
        before = this.ring.pictures;
        this.#motion.reset(this.#options.now());
        this.ring.begin();
      },
      push: (chunk) => this.ring.push(chunk),
      end: () => {
        if (this.ring.pictures > before && !this.#stopped) this.#monitor.lost(this.#options.now());
        this.ring.end();
      },
    };
  }

  #compressed(picture: CompressedPicture) {
    this.#monitor.delivered(this.#options.now(), picture.atMs, this.#decoder !== undefined);
    this.#motion.compressed(picture);
    this.#adapt();
  }

  #adapt() {
    if (this.#options.decode === 'full') return;
    const { longestGopMs } = this.ring;
    this.#decoder?.want(this.#motion.mode({ nowMs: this.#options.now(), longestGopMs }));
  }

  #analyse(input: InputShape) {
    if (this.#stopped) return;
    const { lane, fps, hardware, now, clock, random, log } = this.#options;
    // Another model took over, with another input, so the decoder's present pictures are of no use to it.
    void this.#decoder?.stop();
    const seat = lane.seat(this.id, (found, detections) => this.#track(found, input, detections));
    this.#decoder = new AdaptiveDecoder({
      ring: this.ring,
      input,
      fps,
      hardware,
      onFrame: (frame) => this.#look(frame, input, seat),
      onLine: (line) => this.#monitor.said(now(), line),
      onKeyframeLag: (lagMs) => {
        // Frames that are late for want of processor are not held back by the decoder. Decoding everything
        // would take even more of it.
        if (!this.#processor.short) this.#motion.keyframeLag(now(), lagMs, this.ring.longestGopMs);
      },
      now,
      clock,
      watchClock: this.#processor.clock,
      random,
      log,
    });
    this.#decoder.start();
  }

  #look(frame: LiveFrame, input: InputShape, seat: Seat) {
    const { lane, now } = this.#options;
    const luma = lumaOf(frame, input);
    this.#motion.decoded(frame.atMs, luma);
    this.#monitor.decoded(now(), frame, input, luma);
    if (seat.hasWaiting) this.#monitor.shed(now());
    lane.offer(seat, frame);
  }

  #track(frame: TimedFrame, input: InputShape, detections: readonly Detection[]) {
    const { atMs } = frame;
    // After a restart a decoder repeats the pictures that it had shown since the last keyframe.
    if (this.#stopped || (this.#analysedMs !== undefined && atMs <= this.#analysedMs)) return;
    const { tracker, stage, wallOffsetMs, clock, onTrackFrame } = this.#options;
    this.#analysedMs = atMs;
    this.#rate.count(clock.monotonicMs());
    const followed = tracker.update(atMs, detections, greyOf(frame, input));
    this.#motion.analysed(atMs, followed);
    const view = this.#monitor.blind ? 'blind' : 'clear';
    const added = stage?.see({ atMs, frame, input, tracks: followed, view }) ?? [];
    const { sourceWidth, sourceHeight } = frame;
    onTrackFrame({
      camera: this.id,
      atMs,
      wallOffsetMs: wallOffsetMs(),
      tracks: [...followed, ...added],
      ...(view === 'blind' ? { view } : {}),
      ...(tracker.places.length > 0 ? { places: [...tracker.places] } : {}),
      aspect: Math.min(8, Math.max(0.2, sourceWidth / sourceHeight)),
    });
  }
}
