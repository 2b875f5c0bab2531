import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { Backoff } from './backoff.ts';
import { type Clock, every, sleep } from './clock.ts';
import { errorOf, GatehouseError } from './errors.ts';
import { beatMs, EventStreamParser, type StreamEvent } from './event-stream.ts';
import { LastHeard } from './last-heard.ts';
import type { Part } from './lifecycle.ts';
import type { CallOptions } from './local-api.ts';
import type { Log } from './log.ts';
import type { Random } from './random.ts';

/** Where a reader stands in a stream: an opaque event id. */
export interface StreamCursor {
  read(): string | undefined;
  write(id: string): void;
  /** The peer does not know the id: the next connection starts with the events of that moment. */
  forget(): void;
}

/** The part of `LocalClient` that a keeper needs. */
export interface StreamClient {
  open(
    method: string,
    route: string,
    options: CallOptions,
  ): Promise<Readable & { readonly headers: IncomingHttpHeaders; readonly statusCode?: number | undefined }>;
}

export interface KeptStream {
  readonly client: StreamClient;
  readonly route: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly random?: Random | undefined;
  /**
   * Takes an event. One that throws is logged, and the stream goes on: it must not blind the reader to all
   * others.
   */
  readonly onEvent: (event: StreamEvent) => void;
  /** Told `true` when the stream is open and `false` when that is over, in turns. */
  readonly onLink: (up: boolean) => void;
  /**
   * Awaited before each event. Nothing more is read meanwhile, and an event that an abort meets here is not
   * handed over.
   */
  readonly mayTake?: () => Promise<void>;
  /** For streams that must miss nothing: written after an event was handed over, sent as `Last-Event-ID`. */
  readonly cursor?: StreamCursor;
}

/**
 * The wait between attempts. At most two seconds: a guard must not see an old picture for longer than that.
 */
const backoffMs = { firstMs: 100, capMs: 2_000 };
/** An answer must begin, and bring its first byte, within this time. */
export const openWithinMs = 5_000;
/** A stream that has stood this long was one; only then the waits start again from the shortest. */
export const settledMs = 5_000;
/** Three beats missed: the peer hangs with its connection open. Seen on the next beat. */
export const silenceMs = 3 * beatMs;
/** So many failures in a row are another service that still starts, and no warning. */
const startingFailures = 3;
/** A peer's answer to a `Last-Event-ID` that it cannot read. */
export const resumePointInvalid = 'RESUME_POINT_INVALID';

/**
 * Keeps an event stream of another service open until `signal` aborts. Only this function says what an open
 * stream is: an answer of 200 with `text/event-stream`, its first byte here, and no silence of 45 s.
 * Everything else is a failed attempt and is tried again after 0.1 to 2 s, jittered. Never throws.
 */
export async function keepStream(stream: KeptStream, signal: AbortSignal): Promise<void> {
  const { clock, log, route, random } = stream;
  const backoff = new Backoff(backoffMs, random);
  const outage = new Outage(route, log);
  const onSettled = () => {
    backoff.reset();
    outage.over();
  };
  while (!signal.aborted) {
    const connection = new Connection(stream, signal);
    const error = await connection.run(onSettled);
    if (signal.aborted) return;
    outage.failed(error, connection.opened);
    await sleep(clock, backoff.nextMs(), signal);
  }
}

/** The same as a part of a service. */
export class StreamKeeper implements Part {
  readonly #stream: KeptStream;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  constructor(stream: KeptStream) {
    this.#stream = stream;
  }
  start(): void {
    this.#running = keepStream(this.#stream, this.#abort.signal);
  }
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}

/** One attempt, from the request to the loss of its stream. */
class Connection {
  readonly #stream: KeptStream;
  readonly #signal: AbortSignal;
  readonly #abort = new AbortController();
  readonly #parser = new EventStreamParser();
  #stopTimers: () => void = () => undefined;
  readonly #heard: LastHeard<undefined>;
  /** An event waits for `mayTake`: the peer is not read, so it is not silent either. */
  #held = false;
  opened = false;

  constructor(stream: KeptStream, signal: AbortSignal) {
    this.#stream = stream;
    this.#signal = signal;
    this.#heard = new LastHeard(undefined, stream);
  }

  /** Returns why it is over. */
  async run(onSettled: () => void): Promise<unknown> {
    const stop = () => this.#abort.abort(this.#signal.reason);
    this.#signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#read(onSettled);
      return errorOf('STREAM_ENDED', { route: this.#stream.route });
    } catch (error) {
      return this.#abort.signal.aborted ? this.#abort.signal.reason : error;
    } finally {
      this.#signal.removeEventListener('abort', stop);
      this.#stopTimers();
      if (this.opened) this.#stream.onLink(false);
    }
  }

  async #read(onSettled: () => void): Promise<void> {
    const { clock, route } = this.#stream;
    const late = errorOf('STREAM_NOT_OPENED', { route, seconds: openWithinMs / 1000 });
    this.#stopTimers = clock.after(openWithinMs, () => this.#abort.abort(late));
    const response = await this.#open();
    try {
      assertEventStream(route, response);
      response.setEncoding('utf8');
      for await (const text of response) {
        this.#heard.hear(undefined);
        if (!this.opened) this.#openedNow(onSettled);
        for (const event of this.#parser.push(text)) await this.#take(event);
      }
    } finally {
      response.destroy();
    }
  }

  async #open() {
    const { client, route, cursor, log } = this.#stream;
    const after = cursor?.read();
    const headers = after === undefined ? {} : { 'last-event-id': after };
    try {
      return await client.open('GET', route, { headers, signal: this.#abort.signal });
    } catch (error) {
      if (after !== undefined && error instanceof GatehouseError && error.code === resumePointInvalid) {
        log.error('stream-resume-refused', { route, after, remedy: 'events since then may be missed' });
        cursor?.forget();
      }
      throw error;
    }
  }

  #openedNow(onSettled: () => void): void {
    const { clock, route, onLink } = this.#stream;
    this.#stopTimers();
    const cancelSettled = clock.after(settledMs, onSettled);
    const stopWatch = every(clock, beatMs, () => {
      if (this.#held || this.#heard.silentMs < silenceMs) return;
      this.#abort.abort(errorOf('STREAM_SILENT', { route, seconds: silenceMs / 1000 }));
    });
    this.#stopTimers = () => {
      cancelSettled();
      stopWatch();
    };
    this.opened = true;
    onLink(true);
  }

  async #take(event: StreamEvent): Promise<void> {
    const { log, route, cursor, mayTake, onEvent } = this.#stream;
    if (mayTake) {
      this.#held = true;
      await mayTake();
      this.#held = false;
      this.#heard.hear(undefined);
    }
    this.#abort.signal.throwIfAborted();
    try {
      onEvent(event);
    } catch (error) {
      log.error('stream-event-failed', { route, event: event.event, error });
    }
    if (event.id !== undefined) cursor?.write(event.id);
  }
}

/** Reasons of one outage that are logged as usual; more are at level debug only. */
const maxReasons = 10;

/**
 * Says each reason of an outage once, not at every attempt, so that two services that fail each other all
 * night fill no log.
 */
class Outage {
  readonly #route: string;
  readonly #log: Log;
  #failures = 0;
  readonly #told = new Set<string>();
  constructor(route: string, log: Log) {
    this.#route = route;
    this.#log = log;
  }

  failed(error: unknown, wasOpen: boolean): void {
    this.#failures++;
    const reason = error instanceof GatehouseError ? error.code : String(error);
    const worthTelling = wasOpen || this.#failures > startingFailures;
    const loud = worthTelling && !this.#told.has(reason) && this.#told.size < maxReasons;
    this.#log[loud ? 'warn' : 'debug']('stream-lost', { route: this.#route, error });
    if (loud) this.#told.add(reason);
  }

  over(): void {
    if (this.#told.size > 0) this.#log.info('stream-back', { route: this.#route });
    this.#failures = 0;
    this.#told.clear();
  }
}

function assertEventStream(
  route: string,
  { headers, statusCode }: Awaited<ReturnType<StreamClient['open']>>,
): void {
  const type = headers['content-type'] ?? 'nothing';
  if (statusCode === 200 && type.startsWith('text/event-stream')) return;
  throw errorOf('STREAM_REFUSED', { route, status: statusCode, type: type.slice(0, 60) });
}
