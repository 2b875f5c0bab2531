import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from './clock.ts';
import { every } from './clock.ts';
import { GatehouseError } from './errors.ts';
import { claimStream } from './guarded-server.ts';
import { whenClosed } from './when-closed.ts';

/** One server-sent event (WHATWG HTML, section 9.2): `data` is JSON. */
export interface StreamEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** A slow reader may hold at most this much in the kernel's and our buffers; then it is cut off and resumes by id. */
export const maxUnsentBytes = 1024 * 1024;

/** A browser waits so long between its attempts to connect again, milliseconds; Chromium's own 3 s kept a guard from every door. */
const retryMs = 250;

/** Writes server-sent events to one response, with a comment every 15 s so that a dead link is noticed. */
export class EventStreamWriter {
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
    this.#stopBeat = every(clock, 15_000, () => response.write(': beat\n\n'));
    whenClosed(response, this.#stopBeat);
  }
  /** Sends one event; returns false and cuts the reader off when it does not keep up (drop policy: drop the reader, who resumes). */
  send(event: StreamEvent): boolean {
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

/** A line or an event of a stream may be at most this long; a longer one ends the stream with an error. */
export const maxEventBytes = 4 * 1024 * 1024;

/** Reads server-sent events from a response until it ends. Comments are skipped; data is parsed as JSON. */
export async function* readEventStream(response: IncomingMessage): AsyncGenerator<StreamEvent> {
  let rest = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    rest += chunk;
    for (;;) {
      const end = rest.indexOf('\n\n');
      if (end < 0) break;
      const event = parseEvent(rest.slice(0, end));
      rest = rest.slice(end + 2);
      if (event) yield event;
    }
    if (rest.length > maxEventBytes)
      throw new GatehouseError(
        'EVENT_TOO_LARGE',
        'peer',
        `an event is over ${maxEventBytes} characters.`,
        'See the sender.',
      );
  }
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
  return { ...(id === undefined ? {} : { id }), event, data: JSON.parse(data) };
}
