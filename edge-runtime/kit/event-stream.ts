import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { Clock } from './clock.ts';
import { every } from './clock.ts';
import { errorOf } from './errors.ts';
import { claimStream } from './guarded-server.ts';
import { whenClosed } from './when-closed.ts';

/** One server-sent event (WHATWG HTML, section 9.2): `data` is JSON. */
export interface StreamEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/**
 * A slow reader may hold at most this much in the kernel's and our buffers. Then it is cut off and resumes by
 * id.
 */
export const maxUnsentBytes = 1024 * 1024;

/**
 * A browser's wait between its attempts to connect again, milliseconds. Chromium's own 3 s kept a guard from
 * every door.
 */
const retryMs = 250;

/** The time between two comments of a writer, which show a reader that the link is alive. */
export const beatMs = 15_000;

/** Writes server-sent events to one response: how soon to come again at once, and a comment on every beat. */
export class EventStreamWriter<E extends StreamEvent = StreamEvent> {
  readonly #response: ServerResponse;
  readonly #stopBeat: () => void;
  constructor(response: ServerResponse, clock: Clock) {
    claimStream(response);
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    response.write(`retry: ${retryMs}\n\n`);
    this.#stopBeat = every(clock, beatMs, () => response.write(': beat\n\n'));
    whenClosed(response, this.#stopBeat);
  }
  /**
   * Sends one event. A reader that does not keep up is cut off, and the answer is false (drop policy: drop
   * the reader, who resumes).
   */
  send(event: E): boolean {
    if (this.#response.writableLength > maxUnsentBytes) {
      this.#response.destroy();
      return false;
    }
    const id = event.id === undefined ? '' : `id: ${event.id}\n`;
    this.#response.write(`${id}event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`);
    return true;
  }
  close(): void {
    this.#stopBeat();
    this.#response.end();
  }
}

/** An event of a stream may be at most this long; a longer one ends the stream with an error. */
export const maxEventBytes = 4 * 1024 * 1024;

/**
 * Cuts the text of a stream into its events, wherever the network has split it. Comments are skipped; data is
 * parsed as JSON.
 */
export class EventStreamParser {
  #rest = '';

  /**
   * The events that this text completes. Throws `EVENT_TOO_LARGE` or `EVENT_INVALID`; the stream cannot be
   * used after that.
   */
  *push(text: string): Generator<StreamEvent> {
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      const event = parseEvent(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 2);
      if (event) yield event;
    }
    if (this.#rest.length > maxEventBytes) throw errorOf('EVENT_TOO_LARGE', { limit: maxEventBytes });
  }
}

/** Reads server-sent events from a response until it ends; an unfinished event at the end is left out. */
export async function* readEventStream(response: Readable): AsyncGenerator<StreamEvent> {
  const parser = new EventStreamParser();
  response.setEncoding('utf8');
  for await (const chunk of response) yield* parser.push(chunk);
}

function parseEvent(block: string): StreamEvent | undefined {
  let id: string | undefined;
  let event = 'message';
  let data: string | undefined;
  for (const line of block.split('\n')) {
    if (line.startsWith('id: ')) id = line.slice(4);
    else if (line.startsWith('event: ')) event = line.slice(7);
    else if (line.startsWith('data: ')) data = line.slice(6);
  }
  if (data === undefined) return undefined;
  return { ...(id === undefined ? {} : { id }), event, data: parseData(event, data) };
}

function parseData(event: string, data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw errorOf('EVENT_INVALID', { event: event.slice(0, 60) }, { cause });
  }
}
