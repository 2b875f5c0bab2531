import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';
import type { ApiErrorBody } from './api-error.ts';
import { sleep, systemClock } from './clock.ts';
import { errorOf, GatehouseError, systemCode, toldError } from './errors.ts';
import { checkSocketDirectory } from './socket-directory.ts';
import { directoryUnusable } from './usable-directory.ts';

/** Default bound on a request or answer body of a local API. */
export const maxBodyBytes = 4 * 1024 * 1024;

/**
 * Connections that the kernel holds while the server is busy; past it a caller gets EAGAIN. A burst has more
 * than Node's own 511.
 */
const backlog = 4096;

/**
 * Binds a server to a Unix socket. Makes its directory (0750: the caller's group may enter) and sets the
 * socket to 0660. Removes the socket file of a dead predecessor but refuses to take over a living one.
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
  } catch (cause) {
    throw directoryUnusable(dirname(path), 'GATEHOUSE_RUN_DIR', cause);
  }
  checkSocketDirectory(path);
  if (await answers(path)) throw errorOf('SOCKET_TAKEN', { path });
  rmSync(path, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.listen({ path, backlog }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  chmodSync(path, 0o660);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

const busyAttempts = 200;
const busyWaitMs = 10;

export interface CallOptions {
  readonly body?: unknown;
  /** A body that is no JSON, in place of it. */
  readonly raw?: { readonly type: string; readonly bytes: Uint8Array };
  /** Further request headers, e.g. `last-event-id`. */
  readonly headers?: Readonly<Record<string, string>>;
  /**
   * Milliseconds; default 5000. Bounds a whole call; for `open` it bounds only the wait for the answer's
   * beginning. The client's `limitMs` makes it longer.
   */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 5000;
/** An error answer is one line of JSON; a longer one is not read. */
const maxErrorBytes = 64 * 1024;

/** A client of one local API: JSON calls, raw bodies and event streams over its Unix socket. */
export class LocalClient {
  readonly #path: string;
  readonly #service: string;
  /** The bound of a call that begins now, milliseconds; see `ProcessorMonitor.limitMs`. */
  readonly limitMs: (usualMs: number) => number;
  constructor(service: string, path: string, limitMs: (usualMs: number) => number = (usualMs) => usualMs) {
    this.#service = service;
    this.#path = path;
    this.limitMs = limitMs;
  }

  /**
   * Sends JSON and returns parsed JSON (`undefined` for 204). Throws `GatehouseError` with the peer's code,
   * or `PEER_DOWN`.
   */
  async call(method: string, route: string, options: CallOptions = {}): Promise<unknown> {
    const { bytes, status } = await this.callRaw(method, route, options);
    if (status === 204 || bytes.length === 0) return undefined;
    return JSON.parse(bytes.toString('utf8'));
  }

  /** The same with the body as bytes; for stills. */
  async callRaw(
    method: string,
    route: string,
    options: CallOptions = {},
  ): Promise<{ status: number; bytes: Buffer; headers: IncomingMessage['headers'] }> {
    const withinMs = this.limitMs(options.timeoutMs ?? defaultTimeoutMs);
    const timeout = AbortSignal.timeout(withinMs);
    const signal = options.signal ? AbortSignal.any([timeout, options.signal]) : timeout;
    const response = await this.#begun(method, route, { ...options, signal }, withinMs);
    const bytes = await readBounded(response, maxBodyBytes).catch((cause) => {
      throw this.#down(route, cause);
    });
    return { status: response.statusCode ?? 0, bytes, headers: response.headers };
  }

  /**
   * Opens a response stream (events, live video, a large file); the caller reads it and destroys it. `signal`
   * bounds the whole stream. An answer other than 2xx is no stream: this throws the peer's own error, or
   * `PEER_DOWN`. A peer that is too busy to take the connection (EAGAIN: nothing was sent) is asked again for
   * two seconds.
   */
  open(method: string, route: string, options: CallOptions = {}): Promise<IncomingMessage> {
    return this.#begun(method, route, options, this.limitMs(options.timeoutMs ?? defaultTimeoutMs));
  }

  /** An answer that has begun within so many milliseconds, with 2xx. */
  async #begun(
    method: string,
    route: string,
    options: CallOptions,
    withinMs: number,
  ): Promise<IncomingMessage> {
    const late = new AbortController();
    const tooLate = () => late.abort(new DOMException('no answer in time', 'TimeoutError'));
    const inTime = systemClock.after(withinMs, tooLate);
    const signal = options.signal ? AbortSignal.any([late.signal, options.signal]) : late.signal;
    try {
      const response = await this.#answerOfBusy(method, route, { ...options, signal });
      const status = response.statusCode ?? 0;
      if (status >= 200 && status <= 299) return response;
      throw this.#refused(route, status, await readError(response));
    } catch (cause) {
      throw cause instanceof GatehouseError ? cause : this.#down(route, signal.reason ?? cause);
    } finally {
      inTime();
    }
  }

  async #answerOfBusy(method: string, route: string, options: CallOptions): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++)
      try {
        return await this.#answer(method, route, options);
      } catch (error) {
        const isBusy = systemCode(error) === 'EAGAIN';
        if (!isBusy || attempt >= busyAttempts || options.signal?.aborted) throw error;
        await sleep(systemClock, busyWaitMs, options.signal);
      }
  }

  #answer(method: string, route: string, options: CallOptions): Promise<IncomingMessage> {
    const json = options.body === undefined ? undefined : JSON.stringify(options.body);
    const payload = options.raw?.bytes ?? json;
    return new Promise((resolve, reject) => {
      const headers =
        payload === undefined
          ? {}
          : {
              'content-type': options.raw?.type ?? 'application/json',
              'content-length': Buffer.byteLength(payload),
            };
      const call = request({
        socketPath: this.#path,
        method,
        path: route,
        headers: { ...options.headers, ...headers },
        agent: false,
        ...(options.signal ? { signal: options.signal } : {}),
      });
      call.once('response', resolve);
      call.on('error', reject);
      call.end(payload);
    });
  }

  #down(route: string, cause: unknown): GatehouseError {
    const reason = systemCode(cause) ?? (cause instanceof Error ? cause.name : 'unknown');
    return errorOf('PEER_DOWN', { service: this.#service, route, reason }, { cause });
  }

  #refused(route: string, status: number, bytes: Buffer): GatehouseError {
    const body = parseApiError(bytes);
    if (body) return toldError(body.error, status >= 500 ? 'peer' : 'input');
    return errorOf('PEER_REFUSED', { service: this.#service, status, route });
  }
}

/** The body of an error answer; of one that is too long, nothing. */
async function readError(response: IncomingMessage): Promise<Buffer> {
  try {
    return await readBounded(response, maxErrorBytes);
  } catch (error) {
    if (error instanceof GatehouseError && error.code === 'BODY_TOO_LARGE') return Buffer.alloc(0);
    throw error;
  }
}

function parseApiError(bytes: Buffer): ApiErrorBody | undefined {
  try {
    const body = JSON.parse(bytes.toString('utf8'));
    return typeof body?.error?.code === 'string' ? body : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Reads a stream to its end; throws `BODY_TOO_LARGE` past the bound instead of filling memory. */
export async function readBounded(
  stream: AsyncIterable<Buffer | string>,
  limitBytes: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    size += bytes.length;
    if (size > limitBytes) throw errorOf('BODY_TOO_LARGE', { limit: limitBytes });
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}
