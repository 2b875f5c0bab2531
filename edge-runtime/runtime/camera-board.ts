import { CameraStatus, type Site, TrackFrame } from '@gatehouse/contracts';
import {
  type Clock,
  every,
  type LocalClient,
  type Log,
  type Part,
  type StreamEvent,
  StreamKeeper,
} from '@gatehouse/kit';
import { Hub } from './hub.ts';

export interface CameraBoardOptions {
  readonly site: Site;
  readonly vision: LocalClient;
  readonly clock: Clock;
  /** Measures vision's silence; see `ProcessorMonitor.clock`. The same as `clock` if absent. */
  readonly watchClock?: Clock;
  readonly log: Log;
}

/** Vision tells of every camera at least every 5 s; silent for longer, it hangs with its connection open. */
const silentAfterMs = 8_000;
const watchPeriodMs = 1_000;

/**
 * What is known of the cameras, and the stream of tracked frames. While the vision service is away or silent every camera is
 * `down` with the reason `VISION_DOWN`: unknown, never the last picture as if it were current.
 */
export class CameraBoard implements Part {
  readonly frames: Hub<TrackFrame>;
  readonly changes: Hub<CameraStatus>;
  readonly #clock: Clock;
  readonly #watchClock: Clock;
  readonly #log: Log;
  readonly #stream: StreamKeeper;
  readonly #known = new Map<string, { readonly status: CameraStatus; readonly heardMs: number }>();
  #heardMs = 0;
  #stopWatch: () => void = () => undefined;

  constructor({ site, vision, clock, watchClock = clock, log }: CameraBoardOptions) {
    const onError = (error: unknown) => log.error('camera-listener-failed', { error });
    this.#clock = clock;
    this.#watchClock = watchClock;
    this.#log = log;
    this.frames = new Hub(onError);
    this.changes = new Hub(onError);
    this.#stream = new StreamKeeper({
      client: vision,
      route: '/events',
      clock,
      log,
      onLink: (up) => (up ? undefined : this.#allDown()),
      onEvent: (event) => this.#take(event),
    });
    for (const { id } of site.cameras)
      this.#known.set(id, { status: away(id), heardMs: clock.monotonicMs() });
  }

  start(): void {
    this.#stream.start();
    this.#stopWatch = every(this.#clock, watchPeriodMs, () => {
      if (this.#watchClock.monotonicMs() - this.#heardMs > silentAfterMs) this.#allDown();
    });
  }
  stop(): Promise<void> {
    this.#stopWatch();
    return this.#stream.stop();
  }

  /** Every camera of the site, in its order; ages are as of now. */
  list(): CameraStatus[] {
    const now = this.#clock.monotonicMs();
    return [...this.#known.values()].map(({ status, heardMs }) =>
      status.frameAgeMs === undefined
        ? status
        : { ...status, frameAgeMs: status.frameAgeMs + (now - heardMs) },
    );
  }

  #take({ event, data }: StreamEvent): void {
    this.#heardMs = this.#watchClock.monotonicMs();
    if (event === 'track-frame') {
      const frame = TrackFrame.safeParse(data);
      if (frame.success) this.frames.publish(frame.data);
      else this.#log.error('track-frame-refused', { detail: frame.error.issues[0]?.message });
    } else if (event === 'camera') {
      const status = CameraStatus.safeParse(data);
      if (status.success) this.#set(status.data);
      else this.#log.error('camera-status-refused', { detail: status.error.issues[0]?.message });
    }
  }

  #set(status: CameraStatus): void {
    // A camera the site does not have can only be the vision service still running on an older site file.
    if (!this.#known.has(status.id)) return;
    this.#known.set(status.id, { status, heardMs: this.#clock.monotonicMs() });
    this.changes.publish(status);
  }

  #allDown(): void {
    for (const [id, { status }] of this.#known)
      if (status.reason !== 'VISION_DOWN') this.#set({ ...away(id), reconnects: status.reconnects });
  }
}

function away(id: string): CameraStatus {
  return { id, state: 'down', reason: 'VISION_DOWN', analysedFps: 0, reconnects: 0 };
}
