import type { CameraStatus, Track, TrackFrame } from '@gatehouse/contracts';
import type { Clock, Log, Part, Random } from '@gatehouse/kit';
import { LiveDecoder } from '../decoder/live-decoder.ts';
import type { Detection, InputShape } from '../detect/detector.ts';
import type { InferenceLane } from '../infer/inference-lane.ts';
import type { CameraSource } from '../puller/concat-script.ts';
import { Puller } from '../puller/puller.ts';
import type { RingLimits } from '../ring/gop-store.ts';
import { StreamRing } from '../ring/stream-ring.ts';
import { cameraStatus } from './camera-state.ts';
import { RateMeter } from './rate-meter.ts';

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
  /** Gets every analysed frame, in rising `atMs`. */
  readonly onTrackFrame: (frame: TrackFrame) => void;
  /** The box's frame timeline, epoch milliseconds that never step. */
  readonly now: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** One camera from its connection to its track frames: puller -> ring -> decoder -> detector's lane -> tracker. */
export class CameraPipeline implements Part {
  readonly id: string;
  readonly ring: StreamRing;
  readonly #options: CameraPipelineOptions;
  readonly #puller: Puller;
  readonly #rate = new RateMeter();
  #decoder: LiveDecoder | undefined;
  #startedMs = 0;
  #analysedMs: number | undefined;
  #stopped = false;

  constructor(options: CameraPipelineOptions) {
    const { id, source, limits, now, clock, random } = options;
    const log = options.log.with({ camera: id });
    this.id = id;
    this.#options = { ...options, log };
    this.ring = new StreamRing({ limits, now });
    this.#puller = new Puller({ source, sink: this.ring, clock, random, log });
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

  #analyse(input: InputShape) {
    if (this.#stopped) return;
    const { lane, fps, clock, random, log } = this.#options;
    // Another model took over, with another input: what the decoder makes now is of no use to it.
    void this.#decoder?.stop();
    const seat = lane.seat(this.id, (atMs, detections) => this.#track(atMs, detections));
    this.#decoder = new LiveDecoder({
      ring: this.ring,
      input,
      fps,
      onFrame: (frame) => lane.offer(seat, frame),
      clock,
      random,
      log,
    });
    this.#decoder.start();
  }

  #track(atMs: number, detections: readonly Detection[]) {
    // After a restart a decoder repeats what it had shown since the last keyframe.
    if (this.#stopped || (this.#analysedMs !== undefined && atMs <= this.#analysedMs)) return;
    this.#analysedMs = atMs;
    this.#rate.count(this.#options.clock.monotonicMs());
    this.#options.onTrackFrame({
      camera: this.id,
      atMs,
      tracks: this.#options.tracker.update(atMs, detections),
    });
  }
}
