import type { CameraStatus } from '@gatehouse/contracts';
import type { Log, Part, ProcessorMonitor } from '@gatehouse/kit';
import { apiErrorAnswer, GatehouseError, LocalServer, nothingCalled, routeUnknown } from '@gatehouse/kit';
import express, { type ErrorRequestHandler, type Express, raw } from 'express';
import type { Mpeg1Streams } from '../live/mpeg1-streams.ts';
import { maxStillBytes } from '../redact/protocol.ts';
import type { Redactor } from '../redact/redactor.ts';
import type { StreamRing } from '../ring/stream-ring.ts';
import type { ClipMaker } from '../stills/clip-maker.ts';
import type { StillMaker } from '../stills/still-maker.ts';
import type { EventHub } from './event-hub.ts';
import { type ModelLane, visionHealth } from './health.ts';
import { sendLiveStream } from './live-stream.ts';

/** What the API shows of a camera. */
export interface ServedCamera {
  readonly id: string;
  readonly status: CameraStatus;
  readonly ring: StreamRing;
  /** See `CameraPipeline`. */
  decisionNear(forMs: number): void;
  retakeBaseline(): void;
}

export interface VisionApiOptions {
  readonly socket: string;
  readonly cameras: readonly ServedCamera[];
  readonly lanes: readonly ModelLane[];
  /** Why hardware decoding, which the site wants, is not used. */
  readonly decodeFault?: () => GatehouseError | undefined;
  /** Whether the box has enough processor; not told if absent. */
  readonly processor?: Pick<ProcessorMonitor, 'state'>;
  readonly hub: EventHub;
  readonly stills: StillMaker;
  readonly clips: ClipMaker;
  readonly mpeg1: Mpeg1Streams;
  readonly redactor: Pick<Redactor, 'redact'>;
  readonly log: Log;
}

/** The local API of the vision service (contracts/api.ts, "vision -> runtime"). */
export class VisionApi implements Part {
  readonly #server: LocalServer;

  constructor(options: VisionApiOptions) {
    const { socket, log } = options;
    this.#server = new LocalServer({ socket, log, onRequest: visionApp(options) });
  }

  start(): Promise<void> {
    return this.#server.start();
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

function visionApp(options: VisionApiOptions): Express {
  const { cameras, lanes, decodeFault, processor, hub, stills, clips, mpeg1, redactor, log } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const camera = (id: string) => {
    const found = cameras.find((other) => other.id === id);
    if (found) return found;
    throw nothingCalled(
      'CAMERA_UNKNOWN',
      'camera',
      id,
      cameras.map((one) => one.id),
    );
  };

  app.get('/health', (_request, response) => {
    response.json(
      visionHealth({
        cameras: cameras.map(({ status }) => status),
        lanes,
        decodeFault: decodeFault?.(),
        processor: processor?.state,
      }),
    );
  });
  app.get('/cameras', (_request, response) => {
    response.json(cameras.map(({ status }) => status));
  });
  app.get('/events', (_request, response) => hub.attach(response));
  app.get('/cameras/:id/still', async (request, response) => {
    const { id, ring } = camera(request.params.id);
    const still = await stills.make(id, ring, frameTime(request.query.atMs));
    response.set({ 'cache-control': 'no-store', 'x-frame-at-ms': String(still.atMs) });
    response.type('image/jpeg').send(still.jpeg);
  });
  app.get('/cameras/:id/clip', async (request, response) => {
    const { id, ring } = camera(request.params.id);
    const [fromMs, toMs] = [frameTime(request.query.from), frameTime(request.query.to)];
    if (fromMs === undefined || toMs === undefined || toMs < fromMs) throw wrongTime('from and to');
    const clip = await clips.make(id, ring, fromMs, toMs);
    response.set({
      'cache-control': 'no-store',
      'x-from-ms': String(clip.fromMs),
      'x-to-ms': String(clip.toMs),
    });
    response.type('video/mp4').send(clip.mp4);
  });
  app.post('/cameras/:id/decision-near', (request, response) => {
    const forMs = frameTime(request.query.forMs);
    if (forMs === undefined) throw wrongTime('forMs');
    camera(request.params.id).decisionNear(forMs);
    response.status(204).end();
  });
  app.post('/cameras/:id/retake-baseline', (request, response) => {
    camera(request.params.id).retakeBaseline();
    response.status(204).end();
  });
  app.get('/cameras/:id/stream', (request, response) => {
    const { id, ring, status } = camera(request.params.id);
    if (!ring.readable)
      throw new GatehouseError(
        status.reason ?? 'CAMERA_STARTING',
        'environment',
        `camera ${id} delivers no picture now.`,
        'Try again when it is back.',
      );
    if (request.query.as === undefined) sendLiveStream(ring, response);
    else if (request.query.as === 'mpeg1') mpeg1.send(id, ring, response);
    else throw unknownForm();
  });
  app.post('/redactions', raw({ type: 'image/jpeg', limit: maxStillBytes }), async (request, response) => {
    const maxPeople = Number(request.query.maxPeople);
    const sound = Buffer.isBuffer(request.body) && Number.isInteger(maxPeople) && maxPeople >= 0;
    if (!sound) throw redactionInvalid();
    const { jpeg, facts } = await redactor.redact(request.body, maxPeople);
    response.set({ 'cache-control': 'no-store', 'x-redacted': JSON.stringify(facts) });
    response.type('image/jpeg').send(jpeg);
  });
  app.use((request) => {
    throw routeUnknown(request.method, request.path);
  });
  app.use(answerError(log));
  return app;
}

function frameTime(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const atMs = typeof value === 'string' && value !== '' ? Number(value) : Number.NaN;
  if (Number.isFinite(atMs) && atMs >= 0) return atMs;
  throw wrongTime('A time');
}

function wrongTime(what: string): GatehouseError {
  return new GatehouseError(
    'FRAME_TIME_INVALID',
    'input',
    `${what} must be milliseconds, 0 or more, from before to.`,
    "Use a track frame's atMs.",
  );
}

/** HTTP statuses that do not follow from whose fault the error is. */
const statusOf: Readonly<Record<string, number>> = {
  CAMERA_UNKNOWN: 404,
  STILL_NOT_FOUND: 404,
  STILL_BUSY: 503,
  STILL_FAILED: 502,
  CLIP_NOT_FOUND: 404,
  CLIP_BUSY: 503,
  CLIP_FAILED: 502,
  REDACTION_BUSY: 503,
};

function answerError(log: Log): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const { status, body } = apiErrorAnswer(error, statusOf);
    if (status >= 500) log.error('request-failed', { route: request.path, error });
    response.status(status).json(body);
  };
}

function unknownForm(): GatehouseError {
  return new GatehouseError(
    'STREAM_FORM_UNKNOWN',
    'input',
    'a live stream comes as the camera sends it, or as MPEG-1.',
    'Leave `as` out, or say as=mpeg1.',
  );
}

function redactionInvalid(): GatehouseError {
  return new GatehouseError(
    'REDACTION_REQUEST',
    'input',
    'a redaction takes a JPEG as body and "maxPeople" as a whole number.',
    'Send image/jpeg to /redactions?maxPeople=N.',
  );
}
