import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import {
  EventClass,
  type EventType,
  type MediaJob,
  MediaResult,
  OutboxAck,
  OutboxDoubt,
  OutboxRefusal,
  UplinkStatus,
  type WireEvent,
  wireId,
} from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import { EventStreamWriter, listenOnSocket, readBounded, socketPath, systemClock } from '@gatehouse/kit';

interface Lane {
  rows: { sequence: number; body: unknown }[];
  last: number;
  acked: number;
}

/**
 * The runtime's sync socket with its outbox in memory: what the store of the real one does, in the few lines
 * a test can read. Keeps every acknowledgement, refusal and status for the test to look at.
 */
export class FakeRuntime {
  readonly box: string;
  readonly socket: string;
  epoch = 'epoch-0001';
  readonly acks: OutboxAck[] = [];
  /** Objections of the platform to events of this store. */
  readonly doubts: OutboxDoubt[] = [];
  readonly refusals: OutboxRefusal[] = [];
  readonly statuses: UplinkStatus[] = [];
  /** Redacted pictures that wait, oldest first. */
  readonly pictures: { readonly job: MediaJob; readonly jpeg: Buffer }[] = [];
  /** How pictures ended, and how often bytes of one were handed out. */
  readonly pictureEnds: { readonly id: string; readonly outcome: MediaResult['outcome'] }[] = [];
  picturesGiven = 0;
  /** Acknowledgements that the store itself would refuse: more than it ever had. */
  readonly impossibleAcks: OutboxAck[] = [];
  /** Rows beyond these are not handed out yet. */
  readonly #offered = new Map<EventClass, number>();
  readonly #ackWaits = new Set<{ eventclass: EventClass; upTo: number; resolve: () => void }>();
  #lanes = new Map<EventClass, Lane>();
  #watchers = new Set<EventStreamWriter>();
  #server: Server | undefined;

  constructor(box: string, runDir: string) {
    this.box = box;
    this.socket = socketPath('runtime', 'sync', { GATEHOUSE_RUN_DIR: runDir });
  }

  static async start(t: TestContext, box: string, runDir: string): Promise<FakeRuntime> {
    const runtime = new FakeRuntime(box, runDir);
    await runtime.listen();
    t.after(() => runtime.down());
    return runtime;
  }

  async listen(): Promise<void> {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: Error) => {
        response.writeHead(500, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { code: 'FAKE', message: error.message, remedy: '' } }));
      });
    });
    await listenOnSocket(this.#server, this.socket);
  }

  /** The runtime goes away; its outbox stays. */
  async down(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    this.#watchers.clear();
    if (this.#server) await closeServer(this.#server);
    this.#server = undefined;
  }

  /** Appends an event as the store does. */
  append(
    eventclass: EventClass,
    type: EventType,
    data: Record<string, unknown>,
    time = new Date().toISOString(),
  ): WireEvent {
    const sequence = this.#lane(eventclass).last + 1;
    const event: WireEvent = {
      specversion: '1.0',
      id: wireId(this.box, this.epoch, eventclass, sequence),
      source: `urn:gatehouse:box:${this.box}`,
      type,
      time,
      datacontenttype: 'application/json',
      boxid: this.box,
      epoch: this.epoch,
      eventclass,
      sequence,
      data,
    };
    this.appendRaw(eventclass, event);
    return event;
  }

  /** Puts anything at all into the next row. */
  appendRaw(eventclass: EventClass, body: unknown): number {
    const lane = this.#lane(eventclass);
    lane.last++;
    lane.rows.push({ sequence: lane.last, body });
    this.#announce(eventclass);
    return lane.last;
  }

  /** Hands out rows up to this one and no further, as if the rest had not happened yet. */
  offer(eventclass: EventClass, upTo: number): void {
    this.#offered.set(eventclass, upTo);
    this.#announce(eventclass);
  }

  /**
   * Resolves at the very acknowledgement that reaches the sequence: whoever waits acts before the next one is
   * read.
   */
  whenAcked(eventclass: EventClass, upTo: number): Promise<void> {
    if (this.acked(eventclass) >= upTo) return Promise.resolve();
    return new Promise((resolve) => this.#ackWaits.add({ eventclass, upTo, resolve }));
  }

  /** Lets a picture wait; `claimed`: what is said of it, where that is not the truth. */
  addPicture(jpeg: Buffer, claimed: Partial<MediaJob> = {}): MediaJob {
    const sha256 = createHash('sha256').update(jpeg).digest('hex');
    const job = { id: randomUUID(), sha256, bytes: jpeg.length, ...claimed };
    this.pictures.push({ job, jpeg });
    return job;
  }

  waiting(eventclass: EventClass): number {
    return this.#lane(eventclass).rows.length;
  }
  /** The newest number of the class. */
  last(eventclass: EventClass): number {
    return this.#lane(eventclass).last;
  }
  acked(eventclass: EventClass): number {
    return this.#lane(eventclass).acked;
  }

  /** A restored store: same box, new epoch, numbers from one again. */
  restore(epoch: string): void {
    this.epoch = epoch;
    this.#lanes = new Map();
  }

  #announce(eventclass: EventClass): void {
    for (const watcher of this.#watchers)
      watcher.send({ event: 'ready', data: { class: eventclass, last: this.#last(eventclass) } });
  }

  #last(eventclass: EventClass): number {
    return Math.min(this.#lane(eventclass).last, this.#offered.get(eventclass) ?? Number.POSITIVE_INFINITY);
  }

  #lane(eventclass: EventClass): Lane {
    const lane = this.#lanes.get(eventclass) ?? { rows: [], last: 0, acked: 0 };
    this.#lanes.set(eventclass, lane);
    return lane;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://runtime');
    const route = `${request.method} ${url.pathname}`;
    if (route === 'GET /outbox') return this.#batch(url, response);
    if (route === 'GET /outbox/ready') {
      const writer = new EventStreamWriter(response, systemClock);
      this.#watchers.add(writer);
      response.once('close', () => this.#watchers.delete(writer));
      for (const eventclass of EventClass.options)
        writer.send({ event: 'ready', data: { class: eventclass, last: this.#last(eventclass) } });
      return;
    }
    if (url.pathname.startsWith('/media/')) return this.#media(request, url, response);
    const body: unknown = JSON.parse((await readBounded(request, 65_536)).toString('utf8'));
    if (route === 'POST /outbox/ack') this.#acknowledge(OutboxAck.parse(body));
    else if (route === 'POST /outbox/doubt') this.doubts.push(OutboxDoubt.parse(body));
    else if (route === 'POST /outbox/refuse') this.refusals.push(OutboxRefusal.parse(body));
    else if (route === 'PUT /uplink') this.statuses.push(UplinkStatus.parse(body));
    else throw new Error(`no route ${route}`);
    response.writeHead(204).end();
  }

  async #media(request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> {
    const [, , id = '', what] = url.pathname.split('/');
    const at = id === 'next' ? 0 : this.pictures.findIndex(({ job }) => job.id === id);
    const picture = this.pictures[at];
    const json = { 'content-type': 'application/json' };
    if (id === 'next' && picture) return void response.writeHead(200, json).end(JSON.stringify(picture.job));
    if (what === 'content' && picture) {
      this.picturesGiven++;
      return void response.writeHead(200, { 'content-type': 'image/jpeg' }).end(picture.jpeg);
    }
    if (what === 'content')
      return void response
        .writeHead(404, json)
        .end(JSON.stringify({ error: { code: 'MEDIA_UNKNOWN', message: 'none', remedy: '' } }));
    if (what === 'result' && picture) {
      const { outcome } = MediaResult.parse(JSON.parse((await readBounded(request, 1000)).toString('utf8')));
      this.pictureEnds.push({ id, outcome });
      this.pictures.splice(at, 1);
    }
    response.writeHead(204).end();
  }

  #batch(url: URL, response: ServerResponse): void {
    const eventclass = EventClass.parse(url.searchParams.get('class'));
    const after = Number(url.searchParams.get('after'));
    const limit = Number(url.searchParams.get('limit'));
    const lane = this.#lane(eventclass);
    const last = this.#last(eventclass);
    const rows = lane.rows.filter((row) => row.sequence > after && row.sequence <= last).slice(0, limit);
    const lines = [{ epoch: this.epoch, eventclass, last }, ...rows.map((row) => row.body)];
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    response.end(lines.map((line) => `${JSON.stringify(line) ?? ''}\n`).join(''));
  }

  #acknowledge(ack: OutboxAck): void {
    this.acks.push(ack);
    const lane = this.#lane(ack.eventclass);
    if (ack.epoch !== this.epoch || ack.upTo > lane.last) {
      this.impossibleAcks.push(ack);
      throw new Error('not ours');
    }
    lane.acked = Math.max(lane.acked, ack.upTo);
    lane.rows = lane.rows.filter((row) => row.sequence > ack.upTo);
    for (const wait of this.#ackWaits) {
      if (wait.eventclass !== ack.eventclass || wait.upTo > lane.acked) continue;
      this.#ackWaits.delete(wait);
      wait.resolve();
    }
  }
}
