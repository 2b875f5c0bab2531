import { createHash, timingSafeEqual } from 'node:crypto';
import type { Server } from 'node:http';
import {
  apiErrorAnswer,
  type Clock,
  closeGuarded,
  errorOf,
  every,
  GatehouseError,
  guardedServer,
  type Log,
  type Part,
} from '@gatehouse/kit';
import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express';
import type { PictureFolder, PutEnd } from './picture-folder.ts';

export interface MediaServerOptions {
  readonly host: string;
  readonly port: number;
  /** The bearer token that boxes must send; needed unless only this machine can reach it. */
  readonly token: string | undefined;
  readonly pictures: PictureFolder;
  readonly clock: Clock;
  readonly log: Log;
}

const leastTokenLength = 24;
const loopback = ['127.0.0.1', '::1', 'localhost'];
/** Boxes that send at once; more are closed at once and come again (drop policy: drop-newest). */
const limits = { connections: 256, streams: 0 };
/** A body that trickles in is cut after this; what came of it is kept, milliseconds. */
const requestWithinMs = 60_000;
/** Of one request; it is held in memory. */
const maxPartBytes = 512 * 1024;
const sweepEveryMs = 3_600_000;

/**
 * Takes the pictures of boxes: `HEAD /<box>/<sha256>` says what is there, `PUT` takes the whole or, with
 * Content-Range, the next part (RFC 9110, 14.4). Whole pictures are known by their Repr-Digest (RFC 9530),
 * unfinished ones by Upload-Offset.
 */
export class MediaServer implements Part {
  readonly #options: MediaServerOptions;
  readonly #server: Server;
  #stopSweeping: () => void = () => undefined;

  /** Throws `RECEIVER_SETTINGS` if it would be open to others without a token. */
  constructor(options: MediaServerOptions) {
    const { host, token } = options;
    if (token === undefined ? !loopback.includes(host) : token.length < leastTokenLength)
      throw errorOf('RECEIVER_SETTINGS/media-token', { host, least: leastTokenLength });
    this.#options = options;
    this.#server = guardedServer({
      ...{ name: 'media', log: options.log, limits, onRequest: build(options) },
      ...{ requestTimeoutMs: requestWithinMs, allowHead: true },
    });
  }

  /** The port it listens on. */
  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : this.#options.port;
  }

  async start(): Promise<void> {
    const { host, port, pictures, clock, log } = this.#options;
    await pictures.sweep();
    await new Promise<void>((resolve, reject) => {
      this.#server.on('error', (cause: NodeJS.ErrnoException) =>
        reject(errorOf('RECEIVER_MEDIA_PORT', { host, port, reason: cause.code }, { cause })),
      );
      this.#server.listen(port, host, resolve);
    });
    this.#stopSweeping = every(clock, sweepEveryMs, () => {
      pictures.sweep().catch((error) => log.error('pictures-not-swept', { error }));
    });
    log.info('media-listening', { host, port: this.port });
  }

  async stop(): Promise<void> {
    this.#stopSweeping();
    if (this.#server.listening) await closeGuarded(this.#server);
  }
}

function build({ token, pictures, log }: MediaServerOptions): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(bearer(token));
  app.head('/:box/:sha256', async (request, response) => {
    const { box, sha256 } = request.params;
    const found = await pictures.find(box, sha256);
    if (found?.whole)
      response.set({ 'repr-digest': digest(sha256), 'content-type': 'image/jpeg' }).status(200);
    else response.set('upload-offset', String(found?.bytes ?? 0)).status(404);
    response.end();
  });
  app.put('/:box/:sha256', async (request, response) => {
    const { box, sha256 } = request.params;
    const range = rangeOf(request);
    if (range.length > maxPartBytes) throw errorOf('PICTURE_TOO_LARGE/part', { bytes: maxPartBytes });
    const bytes = await received(request);
    if (range.whole) await pictures.restart(box, sha256);
    const end = await pictures.put(box, sha256, range, bytes);
    const found = await pictures.find(box, sha256);
    answer(response, end, { sha256, bytes: found?.bytes ?? 0 });
  });
  const onError: ErrorRequestHandler = (error: unknown, request, response, _next) => {
    const known = error instanceof GatehouseError ? error : errorOf('RECEIVER_MEDIA', {}, { cause: error });
    if (known !== error) log.error('picture-failed', { error });
    // The rest of the body is not read.
    if (!request.complete) response.set('connection', 'close');
    const { status, body } = apiErrorAnswer(known);
    response.status(status).json(body);
  };
  app.use((_request, response) => void response.status(404).end());
  app.use(onError);
  return app;
}

function answer(response: Response, end: PutEnd, { sha256, bytes }: { sha256: string; bytes: number }): void {
  if (end === 'stored') response.status(201).set('repr-digest', digest(sha256)).end();
  else if (end === 'more') response.status(202).set('upload-offset', String(bytes)).end();
  else if (end === 'elsewhere') response.status(409).set('upload-offset', String(bytes)).end();
  else {
    const { status, body } = apiErrorAnswer(errorOf('PICTURE_HASH'));
    response.status(status).json(body);
  }
}

/**
 * The body, or what came of it before the connection was cut. Read as it comes: of a stream that fails, an
 * iterator throws away what it has not handed over yet.
 */
function received(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    const end = () => resolve(Buffer.concat(chunks));
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', end).on('error', end).once('close', end);
  });
}

function rangeOf(request: Request): {
  readonly from: number;
  readonly total: number;
  readonly length: number;
  readonly whole: boolean;
} {
  if (request.get('content-type') !== 'image/jpeg') throw errorOf('PICTURE_TYPE');
  const length = Number(request.get('content-length') ?? Number.NaN);
  if (!Number.isSafeInteger(length) || length < 1) throw errorOf('PICTURE_LENGTH');
  const text = request.get('content-range');
  if (text === undefined) return { from: 0, total: length, length, whole: true };
  const [, first, last, total] = (/^bytes (\d{1,9})-(\d{1,9})\/(\d{1,9})$/.exec(text) ?? []).map(Number);
  const sound =
    first !== undefined &&
    last !== undefined &&
    total !== undefined &&
    last < total &&
    last - first + 1 === length;
  if (!sound) throw errorOf('PICTURE_RANGE');
  return { from: first, total, length, whole: false };
}

function digest(sha256: string): string {
  return `sha-256=:${Buffer.from(sha256, 'hex').toString('base64')}:`;
}

/** Digests are compared, so that neither length nor content shows in the time. */
function bearer(token: string | undefined): RequestHandler {
  if (token === undefined) return (_request, _response, next) => next();
  const hash = (text: string) => createHash('sha256').update(text).digest();
  const wanted = hash(`Bearer ${token}`);
  return (request, response, next) => {
    if (timingSafeEqual(hash(request.get('authorization') ?? ''), wanted)) return next();
    response.set({ 'www-authenticate': 'Bearer', connection: 'close' }).status(401).end();
  };
}
