import type { ServerResponse } from 'node:http';
import type { CameraStatus, EventOf, TrackFrame, visionForRuntime } from '@gatehouse/contracts';
import type { Clock, Part } from '@gatehouse/kit';
import { EventStreamWriter, every } from '@gatehouse/kit';

/** The part of a camera that the hub watches. */
export interface WatchedCamera {
  readonly id: string;
  readonly status: CameraStatus;
}

type VisionEvent = EventOf<(typeof visionForRuntime.routes)['events']>;

/** A change of state is sent within this time, milliseconds. */
const watchPeriodMs = 250;
/** Ages and rates are sent anew this often, milliseconds. */
const refreshMs = 5_000;

/**
 * Sends track frames and camera states to every listener. A listener that does not keep up is cut off (kit's
 * `EventStreamWriter`) and comes back. Track frames are not kept for it: the rules know the gap from the
 * frame times.
 */
export class EventHub implements Part {
  readonly #clock: Clock;
  readonly #cameras: readonly WatchedCamera[];
  readonly #writers = new Set<EventStreamWriter<VisionEvent>>();
  readonly #told = new Map<string, { readonly key: string; readonly atMs: number }>();
  #stopWatch: () => void = () => undefined;

  constructor(clock: Clock, cameras: readonly WatchedCamera[]) {
    this.#clock = clock;
    this.#cameras = cameras;
  }

  start(): void {
    this.#stopWatch = every(this.#clock, watchPeriodMs, () => this.#watch());
  }

  stop(): void {
    this.#stopWatch();
    for (const writer of this.#writers) writer.close();
    this.#writers.clear();
  }

  /** Adds a listener: it gets every camera's state at once, then each event. */
  attach(response: ServerResponse): void {
    const writer = new EventStreamWriter<VisionEvent>(response, this.#clock);
    this.#writers.add(writer);
    response.once('close', () => this.#writers.delete(writer));
    for (const { status } of this.#cameras) writer.send({ event: 'camera', data: status });
  }

  trackFrame(frame: TrackFrame): void {
    this.#send({ event: 'track-frame', data: frame });
  }

  #watch() {
    const nowMs = this.#clock.monotonicMs();
    for (const { id, status } of this.#cameras) {
      const { state, reason = '', width = 0, height = 0, decoding = '', conditions = [] } = status;
      const faults = conditions.map(({ name }) => name);
      const key = `${state} ${reason} ${width}x${height} ${decoding} ${faults} ${status.wallOffsetMs}`;
      const told = this.#told.get(id);
      if (told?.key === key && nowMs - told.atMs < refreshMs) continue;
      this.#told.set(id, { key, atMs: nowMs });
      this.#send({ event: 'camera', data: status });
    }
  }

  #send(event: VisionEvent) {
    for (const writer of this.#writers) if (!writer.send(event)) this.#writers.delete(writer);
  }
}
