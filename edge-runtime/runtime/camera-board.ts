import { CameraStatus, type Site, TrackFrame } from '@gatehouse/contracts';
import type { Clock, LocalClient, Log, StreamEvent } from '@gatehouse/kit';
import { Hub } from './hub.ts';
import { StreamLink } from './stream-link.ts';

export interface CameraBoardOptions {
  readonly site: Site;
  readonly vision: LocalClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What is known of the cameras, and the stream of tracked frames. While the vision service is away every camera is
 * `down` with the reason `VISION_DOWN`: unknown, never the last picture as if it were current.
 */
export class CameraBoard extends StreamLink {
  readonly frames: Hub<TrackFrame>;
  readonly changes: Hub<CameraStatus>;
  readonly #state: CameraState;

  constructor({ site, vision, clock, log }: CameraBoardOptions) {
    const onError = (error: unknown) => log.error('camera-listener-failed', { error });
    const frames = new Hub<TrackFrame>(onError);
    const changes = new Hub<CameraStatus>(onError);
    const state = new CameraState(site, clock, changes);
    super({
      client: vision,
      route: '/events',
      clock,
      log,
      onLink: (up) => (up ? undefined : state.allDown()),
      onEvent: (event) => take(event, frames, state, log),
    });
    this.frames = frames;
    this.changes = changes;
    this.#state = state;
  }

  /** Every camera of the site, in its order; ages are as of now. */
  list(): CameraStatus[] {
    return this.#state.list();
  }
}

function take(event: StreamEvent, frames: Hub<TrackFrame>, state: CameraState, log: Log): void {
  if (event.event === 'track-frame') {
    const frame = TrackFrame.safeParse(event.data);
    if (frame.success) frames.publish(frame.data);
    else log.error('track-frame-refused', { detail: frame.error.issues[0]?.message });
  } else if (event.event === 'camera') {
    const status = CameraStatus.safeParse(event.data);
    if (status.success) state.set(status.data);
    else log.error('camera-status-refused', { detail: status.error.issues[0]?.message });
  }
}

class CameraState {
  readonly #clock: Clock;
  readonly #changes: Hub<CameraStatus>;
  readonly #known = new Map<string, { readonly status: CameraStatus; readonly heardMs: number }>();
  constructor(site: Site, clock: Clock, changes: Hub<CameraStatus>) {
    this.#clock = clock;
    this.#changes = changes;
    for (const { id } of site.cameras)
      this.#known.set(id, { status: away(id), heardMs: clock.monotonicMs() });
  }
  set(status: CameraStatus): void {
    // A camera the site does not have can only be the vision service still running on an older site file.
    if (!this.#known.has(status.id)) return;
    this.#known.set(status.id, { status, heardMs: this.#clock.monotonicMs() });
    this.#changes.publish(status);
  }
  allDown(): void {
    for (const [id, { status }] of this.#known)
      if (status.reason !== 'VISION_DOWN') this.set({ ...away(id), reconnects: status.reconnects });
  }
  list(): CameraStatus[] {
    const now = this.#clock.monotonicMs();
    return [...this.#known.values()].map(({ status, heardMs }) =>
      status.frameAgeMs === undefined
        ? status
        : { ...status, frameAgeMs: status.frameAgeMs + (now - heardMs) },
    );
  }
}

function away(id: string): CameraStatus {
  return { id, state: 'down', reason: 'VISION_DOWN', analysedFps: 0, reconnects: 0 };
}
