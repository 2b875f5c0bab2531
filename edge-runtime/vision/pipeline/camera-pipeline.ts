import type { CameraStatus, Track, TrackFrame } from '@gatehouse/contracts';
import type { Clock, Log, Part, Random } from '@gatehouse/kit';
import { AdaptiveDecoder } from '../decoder/adaptive-decoder.ts';
import type { LiveFrame } from '../decoder/live-decoder.ts';
import type { Detection, InputShape } from '../detect/detector.ts';
import type { DecodeMode } from '../gate/decode-policy.ts';
import { MotionGate } from '../gate/motion-gate.ts';
import type { InferenceLane } from '../infer/inference-lane.ts';
import type { Seat } from '../infer/seat.ts';
import type { CameraSource } from '../puller/concat-script.ts';
import { Puller, type PullSink } from '../puller/puller.ts';
import type { RingLimits } from '../ring/gop-store.ts';
import { type CompressedPicture, StreamRing } from '../ring/stream-ring.ts';
import { type LumaPicture, lumaOf } from '../scene/luma.ts';
import { cameraStatus } from './camera-state.ts';
import { RateMeter } from './rate-meter.ts';
import type { SceneStage } from './scene-stage.ts';

/** What follows objects from frame to frame; `Tracker` of ../track. */
export interface ObjectTracker {
  update(atMs: number, detections: readonly Detection[]): Track[];
}

export interface CameraPipelineOptions {
  readonly id: string;
  /** Asked before every connection; may throw while the camera's secret cannot be read. */
  readonly source: () => CameraSource;
  readonly fps: number;
  readonly lane: InferenceLane;
  readonly tracker: ObjectTracker;
  readonly limits: RingLimits;
  /** `full`: everything is always decoded; else keyframes only while nothing moves and they are close enough. */
  readonly decode?: 'adaptive' | 'full';
  /** Looks at each analysed picture after the tracker and may add tracks. */
  readonly stage?: SceneStage;
  /** Gets every analysed frame, in rising `atMs`. */
  readonly onTrackFrame: (frame: TrackFrame) => void;
  /** The box's frame timeline, epoch milliseconds that never step. */
  readonly now: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Luma pictures kept for frames that are at the detector: one waits, one is looked at, and some to spare. */
const maxPendingLumas = 8;

/** One camera from its connection to its track frames: puller -> ring -> decoder -> detector's lane -> tracker. */
export class CameraPipeline implements Part {
  readonly id: string;
  readonly ring: StreamRing;
  readonly #options: CameraPipelineOptions;
  readonly #puller: Puller;
  readonly #rate = new RateMeter();
  readonly #gate: MotionGate;
  readonly #lumas = new Map<number, LumaPicture>();
  #decoder: AdaptiveDecoder | undefined;
  #startedMs = 0;
  #analysedMs: number | undefined;
  #stopped = false;

  constructor(options: CameraPipelineOptions) {
    const { id, source, limits, now, clock, random } = options;
    const log = options.log.with({ camera: id });
    this.id = id;
    this.#options = { ...options, log };
    this.#gate = new MotionGate(now());
    this.ring = new StreamRing({ limits, now, onPicture: (picture) => this.#compressed(picture) });
    this.#puller = new Puller({ source, sink: this.#sink(), clock, random, log });
  }

  start(): void {
    this.#startedMs = this.#options.now();
    this.#puller.start();
    this.#options.lane.onInput((input) => this.#analyse(input));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
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

  /** How much of the stream is decoded at the moment. */
  get decoding(): DecodeMode {
    return this.#decoder?.mode ?? 'full';
  }

  /** A rule is about to decide: everything is decoded for so long, milliseconds, 10 s at most. */
  decisionNear(forMs: number): void {
    this.#gate.decisionNear(this.#options.now(), forMs);
    this.#adapt();
  }

  get status(): CameraStatus {
    const { now, clock, lane } = this.#options;
    const size = this.#decoder?.source;
    return cameraStatus({
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
    });
  }

  /** The ring, and word of every new connection to the gate. */
  #sink(): PullSink {
    return {
      begin: () => {
        this.#gate.reset(this.#options.now());
        this.ring.begin();
      },
      push: (chunk) => this.ring.push(chunk),
      end: () => this.ring.end(),
    };
  }

  #compressed(picture: CompressedPicture) {
    this.#gate.compressed(picture);
    this.#adapt();
  }

  #adapt() {
    if (this.#options.decode === 'full') return;
    const { longestGopMs } = this.ring;
    this.#decoder?.want(this.#gate.mode({ nowMs: this.#options.now(), longestGopMs }));
  }

  #analyse(input: InputShape) {
    if (this.#stopped) return;
    const { lane, fps, now, clock, random, log } = this.#options;
    // Another model took over, with another input: what the decoder makes now is of no use to it.
    void this.#decoder?.stop();
    const seat = lane.seat(this.id, (atMs, detections) => this.#track(atMs, detections));
    this.#decoder = new AdaptiveDecoder({
      ring: this.ring,
      input,
      fps,
      onFrame: (frame) => this.#look(frame, input, seat),
      onKeyframeLag: (lagMs) => this.#gate.keyframeLag(lagMs),
      now,
      clock,
      random,
      log,
    });
    this.#decoder.start();
  }

  #look(frame: LiveFrame, input: InputShape, seat: Seat) {
    const luma = lumaOf(frame, input);
    this.#gate.decoded(frame.atMs, luma);
    this.#lumas.set(frame.atMs, luma);
    const [oldest] = this.#lumas.keys();
    if (this.#lumas.size > maxPendingLumas && oldest !== undefined) this.#lumas.delete(oldest);
    this.#options.lane.offer(seat, frame);
  }

  #track(atMs: number, detections: readonly Detection[]) {
    const luma = this.#lumas.get(atMs);
    this.#lumas.delete(atMs);
    // After a restart a decoder repeats what it had shown since the last keyframe.
    if (this.#stopped || (this.#analysedMs !== undefined && atMs <= this.#analysedMs)) return;
    const { tracker, stage, clock, onTrackFrame } = this.#options;
    this.#analysedMs = atMs;
    this.#rate.count(clock.monotonicMs());
    const followed = tracker.update(atMs, detections);
    this.#gate.analysed(atMs, followed);
    const added = luma && stage ? stage.see({ atMs, luma, tracks: followed, view: 'clear' }) : [];
    onTrackFrame({ camera: this.id, atMs, tracks: [...followed, ...added] });
  }
}
