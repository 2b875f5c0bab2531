import type { IncomingMessage } from 'node:http';
import { IncidentChange, Prompt, SensorState } from '@gatehouse/contracts';
import {
  Backoff,
  type Clock,
  every,
  GatehouseError,
  type LocalClient,
  type Log,
  type Part,
  type Random,
  readEventStream,
  type StreamEvent,
  sleep,
} from '@gatehouse/kit';
import type { Cursor } from './cursor.ts';

/** A change older than this when it arrives is marked late: a siren for it would confuse, a work order would not. */
export const lateAfterMs = 60_000;
/** The runtime sends a comment every 15 s; three missed ones mean a dead stream. */
const silenceMs = 45_000;
const connectTimeoutMs = 5_000;

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

/** What `GET /gatehouse/state` shows of the feed. */
export interface FeedState {
  readonly connected: boolean;
  /** Changes that at least one node took (its filter let them through), since this process started. */
  readonly delivered: number;
  readonly lastIncident?: { readonly id: string; readonly kind: string; readonly phase: string };
}

export interface IncidentFeedOptions {
  readonly runtime: LocalClient;
  readonly cursor: Cursor;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random;
}

/**
 * The one subscription to the runtime's incident changes that all nodes share. Resumes after the last change handed
 * to the nodes, also across restarts of this process: a crash between hand-over and cursor repeats one change and
 * loses none. While flows are being replaced (`hold`) it reads no further, so that nothing falls into the gap.
 */
export class IncidentFeed implements Part {
  readonly #options: IncidentFeedOptions;
  readonly #backoff: Backoff;
  readonly #listeners = new Set<FeedListener>();
  readonly #abort = new AbortController();
  #running: Promise<void> | undefined;
  #connected = false;
  #delivered = 0;
  #last: FeedState['lastIncident'];
  #failure: string | undefined;
  #gate = Promise.resolve();
  #openGate: (() => void) | undefined;

  constructor(options: IncidentFeedOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ firstMs: 200, capMs: 5_000 }, options.random);
  }

  start(): void {
    this.#running = this.#run(this.#abort.signal);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    this.release();
    await this.#running;
  }

  get state(): FeedState {
    return {
      connected: this.#connected,
      delivered: this.#delivered,
      ...(this.#last ? { lastIncident: this.#last } : {}),
    };
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

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#readStream(signal);
        this.#failure = undefined;
      } catch (error) {
        this.#noteFailure(error, signal);
      }
      this.#setLink(false);
      await sleep(this.#options.clock, this.#backoff.nextMs(), signal);
    }
  }

  /** Says once why the feed is down, not at every attempt. */
  #noteFailure(error: unknown, signal: AbortSignal): void {
    const failure = error instanceof GatehouseError ? error.code : String(error);
    if (!signal.aborted && failure !== this.#failure) this.#options.log.warn('incident-feed-down', { error });
    this.#failure = failure;
  }

  async #readStream(signal: AbortSignal): Promise<void> {
    const response = await this.#open(signal);
    const stopWatch = watchSilence(response, this.#options.clock);
    try {
      this.#backoff.reset();
      this.#setLink(true);
      for await (const event of readEventStream(response)) {
        await this.#gate;
        if (signal.aborted) return;
        this.#take(event);
      }
    } finally {
      stopWatch();
      response.destroy();
    }
  }

  async #open(signal: AbortSignal): Promise<IncomingMessage> {
    const { runtime, cursor, clock, log } = this.#options;
    const attempt = new AbortController();
    const stop = () => attempt.abort();
    signal.addEventListener('abort', stop, { once: true });
    const cancelTimeout = clock.after(connectTimeoutMs, stop);
    const after = cursor.read();
    const response = await runtime
      .open('GET', '/incidents/stream', {
        ...(after === undefined ? {} : { headers: { 'last-event-id': after } }),
        signal: attempt.signal,
      })
      .finally(cancelTimeout);
    response.once('close', () => signal.removeEventListener('abort', stop));
    if (response.statusCode === 200) return response;
    response.destroy();
    if (response.statusCode === 400 && after !== undefined) {
      log.error('incident-cursor-refused', {
        after,
        remedy: 'changes since then may not have reached flows',
      });
      cursor.forget();
    }
    throw new GatehouseError(
      'INCIDENT_STREAM_REFUSED',
      'peer',
      `runtime answered ${response.statusCode} to /incidents/stream.`,
      'See the log of the runtime service.',
    );
  }

  #take(event: StreamEvent): void {
    const { cursor, clock, log } = this.#options;
    if (event.event === 'incident' && (event.id === undefined || event.id !== cursor.read())) {
      const parsed = IncidentChange.safeParse(event.data);
      if (parsed.success) {
        const late = clock.epochMs() - Date.parse(parsed.data.at) > lateAfterMs;
        this.#deliver({ change: parsed.data, late });
      } else log.error('incident-not-understood', { id: event.id, error: parsed.error });
    }
    if (event.event === 'prompt') this.#prompt(event.data);
    if (event.event === 'sensor') this.#sensor(event.data);
    if (event.id !== undefined) cursor.write(event.id);
  }

  #prompt(data: unknown): void {
    const parsed = Prompt.safeParse(data);
    if (!parsed.success) this.#options.log.error('prompt-not-understood', { error: parsed.error });
    else this.#tell(parsed.data.occupancy, (listener) => listener.onPrompt?.(parsed.data));
  }

  #sensor(data: unknown): void {
    const parsed = SensorState.safeParse(data);
    if (!parsed.success) this.#options.log.error('sensor-not-understood', { error: parsed.error });
    else this.#tell(parsed.data.id, (listener) => listener.onSensor?.(parsed.data));
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
    if (connected === this.#connected) return;
    this.#connected = connected;
    this.#options.log.info(connected ? 'incident-feed-connected' : 'incident-feed-disconnected');
    for (const listener of this.#listeners) listener.onLink(connected);
  }
}

/** Ends a stream on which not even the runtime's comments arrive any more. */
function watchSilence(response: IncomingMessage, clock: Clock): () => void {
  let bytes = response.socket.bytesRead;
  return every(clock, silenceMs, () => {
    if (response.socket.bytesRead === bytes) response.destroy(new Error('no sign of life for 45 s'));
    bytes = response.socket.bytesRead;
  });
}
