import { type CameraStatus, visionForRuntime } from '@gatehouse/contracts';
import {
  errorOf,
  type GatehouseError,
  type Log,
  nothingCalled,
  type Part,
  type ProcessorMonitor,
  toldError,
} from '@gatehouse/kit';
import { type Handlers, LocalApi } from '@gatehouse/local-api';
import type { Mpeg1Streams } from '../live/mpeg1-streams.ts';
import type { Redactor } from '../redact/redactor.ts';
import type { StreamRing } from '../ring/stream-ring.ts';
import type { ClipMaker } from '../stills/clip-maker.ts';
import type { StillMaker } from '../stills/still-maker.ts';
import type { EventHub } from './event-hub.ts';
import { type ModelLane, visionHealth } from './health.ts';
import { sendLiveStream } from './live-stream.ts';

/** The part of a camera that the API shows. */
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
  /** Says if the box has enough processor; the API leaves this out if absent. */
  readonly processor?: Pick<ProcessorMonitor, 'state'>;
  readonly hub: EventHub;
  readonly stills: StillMaker;
  readonly clips: ClipMaker;
  readonly mpeg1: Mpeg1Streams;
  readonly redactor: Pick<Redactor, 'redact'>;
  readonly log: Log;
}

type Routes = typeof visionForRuntime.routes;

/** The local API of the vision service. */
export class VisionApi implements Part {
  readonly #api: LocalApi<Routes>;

  constructor(options: VisionApiOptions) {
    const { socket, log } = options;
    const handlers = visionHandlers(options);
    this.#api = new LocalApi({ table: visionForRuntime, handlers, socket, log, tagged: false });
  }

  start(): Promise<void> {
    return this.#api.start();
  }

  stop(): Promise<void> {
    return this.#api.stop();
  }
}

function visionHandlers(options: VisionApiOptions): Handlers<Routes> {
  const { cameras, lanes, decodeFault, processor, hub, stills, clips, mpeg1, redactor } = options;
  const camera = ({ id }: { readonly id: string }) => {
    const found = cameras.find((other) => other.id === id);
    if (found) return found;
    throw nothingCalled(
      'CAMERA_UNKNOWN/named',
      id,
      cameras.map((one) => one.id),
    );
  };
  return {
    health: () =>
      visionHealth({
        cameras: cameras.map(({ status }) => status),
        lanes,
        decodeFault: decodeFault?.(),
        processor: processor?.state,
      }),
    cameras: () => cameras.map(({ status }) => status),
    events: ({ response }) => hub.attach(response),
    still: async ({ params, query }) => {
      const { id, ring } = camera(params);
      const { jpeg, atMs } = await stills.make(id, ring, query.atMs);
      return { bytes: jpeg, headers: { ...notKept, 'x-frame-at-ms': String(atMs) } };
    },
    clip: async ({ params, query: { from, to } }) => {
      const { id, ring } = camera(params);
      const { mp4, fromMs, toMs } = await clips.make(id, ring, from, to);
      const headers = { ...notKept, 'x-from-ms': String(fromMs), 'x-to-ms': String(toMs) };
      return { bytes: mp4, headers };
    },
    decisionNear: ({ params, query }) => camera(params).decisionNear(query.forMs),
    retakeBaseline: ({ params }) => camera(params).retakeBaseline(),
    stream: ({ params, query, response }) => {
      const { id, ring, status } = camera(params);
      if (!ring.readable) {
        const { code, message, remedy } = errorOf('CAMERA_STARTING', { camera: id });
        throw toldError({ code: status.reason ?? code, message, remedy }, 'environment');
      }
      if (query.as === 'mpeg1') mpeg1.send(id, ring, response);
      else sendLiveStream(ring, response);
    },
    redact: async ({ query, body }) => {
      const { jpeg, facts } = await redactor.redact(body, query.maxPeople);
      return { bytes: jpeg, headers: { ...notKept, 'x-redacted': JSON.stringify(facts) } };
    },
  };
}

const notKept = { 'cache-control': 'no-store' };
