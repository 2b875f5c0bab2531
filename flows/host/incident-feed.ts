import type { EventOf, IncidentChange, Prompt, runtimeForFlows, SensorState } from '@gatehouse/contracts';
import type { Clock, Log, Part, Random, StreamCursor, StreamKeeper } from '@gatehouse/kit';
import type { RuntimeFlowsClient } from '@gatehouse/local-api';

/**
 * A change older than this when it arrives is marked late: a siren for it would confuse, a work order would
 * not.
 */
export const lateAfterMs = 60_000;

export interface Delivery {
  readonly change: IncidentChange;
  /** Older than `lateAfterMs` on arrival, e.g. after a restart. */
  readonly late: boolean;
}

export interface FeedListener {
  /** Called at once with the present state, then on every change of it. */
  onLink(connected: boolean): void;
  onChange(delivery: Delivery): void;
  /** A stage before an incident; live only. */
  onPrompt?(prompt: Prompt): void;
  /** A sensor says something else than before; live only. */
  onSensor?(state: SensorState): void;
}

/** The feed's part of `GET /gatehouse/state`. */
export interface FeedState {
  readonly connected: boolean;
  /** Changes that at least one node took (its filter let them through), since this process started. */
  readonly delivered: number;
  readonly lastIncident?: { readonly id: string; readonly kind: string; readonly phase: string };
}

export interface IncidentFeedOptions {
  readonly runtime: RuntimeFlowsClient;
  readonly cursor: StreamCursor;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
}

/**
 * The one subscription to the runtime's incident changes that all nodes share. Resumes after the last change
 * handed to the nodes, also across restarts of this process: a crash between hand-over and cursor repeats one
 * change and loses none. While flows are being replaced (`hold`) it reads no further, so that nothing falls
 * into the gap.
 */
export class IncidentFeed implements Part {
  readonly #options: IncidentFeedOptions;
  readonly #stream: StreamKeeper;
  readonly #listeners = new Set<FeedListener>();
  #connected = false;
  #downSinceMs: number;
  #delivered = 0;
  #last: FeedState['lastIncident'];
  #gate = Promise.resolve();
  #openGate: (() => void) | undefined;

  constructor(options: IncidentFeedOptions) {
    this.#options = options;
    const { runtime, cursor, clock, log, random } = options;
    this.#downSinceMs = clock.monotonicMs();
    this.#stream = runtime.keeper('incidents', {
      clock,
      log,
      random,
      cursor,
      mayTake: () => this.#gate,
      onEvent: (event) => this.#take(event),
      onLink: (up) => this.#setLink(up),
    });
  }

  start(): void {
    this.#stream.start();
  }

  async stop(): Promise<void> {
    const stopped = this.#stream.stop();
    this.release();
    await stopped;
  }

  get state(): FeedState {
    return {
      connected: this.#connected,
      delivered: this.#delivered,
      ...(this.#last ? { lastIncident: this.#last } : {}),
    };
  }

  /** Milliseconds for which no incident has been heard of; 0 while the feed is up. */
  get downMs(): number {
    return this.#connected ? 0 : this.#options.clock.monotonicMs() - this.#downSinceMs;
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    listener.onLink(this.#connected);
    return () => this.#listeners.delete(listener);
  }

  /** A node took a change. */
  countDelivered(change: IncidentChange): void {
    this.#delivered++;
    const { id, kind, phase } = change.incident;
    this.#last = { id, kind, phase };
  }

  /** Flows are about to stop: hand over nothing until `release`. */
  hold(): void {
    if (this.#openGate) return;
    this.#gate = new Promise((resolve) => {
      this.#openGate = resolve;
    });
  }

  release(): void {
    this.#openGate?.();
    this.#openGate = undefined;
  }

  #take(event: EventOf<(typeof runtimeForFlows.routes)['incidents']>): void {
    const { cursor, clock } = this.#options;
    if (event.event === 'incident' && (event.id === undefined || event.id !== cursor.read())) {
      const late = clock.epochMs() - Date.parse(event.data.at) > lateAfterMs;
      this.#deliver({ change: event.data, late });
    }
    if (event.event === 'prompt') {
      const prompt = event.data;
      this.#tell(prompt.occupancy, (listener) => listener.onPrompt?.(prompt));
    }
    if (event.event === 'sensor') {
      const state = event.data;
      this.#tell(state.id, (listener) => listener.onSensor?.(state));
    }
  }

  #deliver(delivery: Delivery): void {
    this.#tell(delivery.change.incident.id, (listener) => listener.onChange(delivery));
  }

  /** One node that fails keeps no other from hearing. */
  #tell(subject: string, say: (listener: FeedListener) => void): void {
    for (const listener of this.#listeners) {
      try {
        say(listener);
      } catch (error) {
        this.#options.log.error('incident-node-failed', { incident: subject, error });
      }
    }
  }

  #setLink(connected: boolean): void {
    this.#connected = connected;
    this.#downSinceMs = this.#options.clock.monotonicMs();
    this.#options.log.info(connected ? 'incident-feed-connected' : 'incident-feed-disconnected');
    for (const listener of this.#listeners) listener.onLink(connected);
  }
}
