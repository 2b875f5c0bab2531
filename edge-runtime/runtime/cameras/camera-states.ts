import type { CameraStatus, EventOf, Site, TrackFrame, visionForRuntime } from '@gatehouse/contracts';
import { type Clock, every, LastHeard, type Log, type Part, type StreamKeeper } from '@gatehouse/kit';
import type { VisionClient } from '@gatehouse/local-api';
import { Hub } from '../hub.ts';

export interface CameraStatesOptions {
  readonly site: Site;
  readonly vision: VisionClient;
  readonly clock: Clock;
  /** Measures vision's silence; see `ProcessorMonitor.clock`. The same as `clock` if absent. */
  readonly watchClock?: Clock;
  readonly log: Log;
}

/**
 * Vision reports every camera at least every 5 s. If it is silent for longer, it hangs with its connection
 * open.
 */
const silentAfterMs = 8_000;
const watchPeriodMs = 1_000;

/**
 * The cameras' states, and the stream of tracked frames. While the vision service is away or silent every
 * camera is `down` with the reason `VISION_DOWN`. The last picture is never shown as if it were current.
 */
export class CameraStates implements Part {
  readonly frames: Hub<TrackFrame>;
  readonly changes: Hub<CameraStatus>;
  readonly #clock: Clock;
  readonly #stream: StreamKeeper;
  readonly #known = new Map<string, LastHeard<CameraStatus>>();
  readonly #vision: LastHeard<undefined>;
  #stopWatch: () => void = () => undefined;

  constructor({ site, vision, clock, watchClock, log }: CameraStatesOptions) {
    const onError = (error: unknown) => log.error('camera-listener-failed', { error });
    this.#clock = clock;
    this.#vision = new LastHeard(undefined, { clock, watchClock });
    this.frames = new Hub(onError);
    this.changes = new Hub(onError);
    this.#stream = vision.keeper('events', {
      clock,
      log,
      onLink: (up) => (up ? undefined : this.#allDown()),
      onEvent: (event) => this.#take(event),
    });
    for (const { id } of site.cameras) this.#known.set(id, new LastHeard(away(id), { clock }));
  }

  start(): void {
    this.#stream.start();
    this.#stopWatch = every(this.#clock, watchPeriodMs, () => {
      if (this.#vision.silentMs > silentAfterMs) this.#allDown();
    });
  }
  stop(): Promise<void> {
    this.#stopWatch();
    return this.#stream.stop();
  }

  /** Every camera of the site, in its order; ages are as of now. */
  list(): CameraStatus[] {
    return [...this.#known.values()].map(({ value: status, ageMs }) =>
      status.frameAgeMs === undefined ? status : { ...status, frameAgeMs: status.frameAgeMs + ageMs },
    );
  }

  #take({ event, data }: EventOf<(typeof visionForRuntime.routes)['events']>): void {
    this.#vision.hear(undefined);
    if (event === 'track-frame') this.frames.publish(data);
    else this.#set(data);
  }

  #set(status: CameraStatus): void {
    // A report of a camera that the site does not have means that the vision service still runs on an older
    // site file.
    const known = this.#known.get(status.id);
    if (!known) return;
    known.hear(status);
    this.changes.publish(status);
  }

  #allDown(): void {
    for (const [id, { value: status }] of this.#known)
      if (status.reason !== 'VISION_DOWN') this.#set({ ...away(id), reconnects: status.reconnects });
  }
}

function away(id: string): CameraStatus {
  return { id, state: 'down', reason: 'VISION_DOWN', analysedFps: 0, reconnects: 0 };
}
