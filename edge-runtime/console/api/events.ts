import type { IncomingMessage } from 'node:http';
import type { BoxEvents, BoxSnapshot } from '@gatehouse/contracts/console';
import type { Clock, Log } from '@gatehouse/kit';
import { BoundedQueue, EventStreamWriter, every, isoWithOffset } from '@gatehouse/kit';
import type { Sessions } from './auth/sessions.ts';
import type { Caller } from './call.ts';
import { sessionOf } from './call.ts';
import { Shares } from './connections/shares.ts';
import type { ConsoleParts } from './parts.ts';

/** Pages take silence of over two beats as a lost box and show everything as unknown. */
export const beatMs = 5_000;
/** Incidents in the first state: in practice all that are open or new fit. Older ones come by page. */
const snapshotIncidents = 200;
/** Changes held while the first state is gathered; past it the reader is cut off and starts over. */
const maxHeld = 1_000;
/** An event of the contract. Only incident changes carry ids, by which a reader resumes. */
type BoxEvent = {
  readonly [Name in keyof BoxEvents]: {
    readonly event: Name;
    readonly data: BoxEvents[Name];
    readonly id?: string;
  };
}[keyof BoxEvents];

/** Browsers and wall screens at once. A user has a tab or two on each screen. */
const readers = { total: 100, user: 20, address: 60 };

/**
 * `GET /api/events`: server-sent events. First `state` (all devices, inputs, sensors, the fire latch,
 * cameras, the link, the services' health; incidents too unless the reader resumes by `Last-Event-ID`), then
 * `incident`, `device`, `input`, `sensor`, `fire`, `camera`, `uplink` as they change and every 5 s `beat`:
 * the state without incidents, so that ages are fresh. Only incident changes carry ids.
 */
export class EventFeed {
  readonly #parts: ConsoleParts;
  readonly #sessions: Sessions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #open = new Set<() => void>();
  readonly #shares = new Shares('pages that follow the events', readers);
  constructor(parts: ConsoleParts, sessions: Sessions, clock: Clock, log: Log) {
    this.#parts = parts;
    this.#sessions = sessions;
    this.#clock = clock;
    this.#log = log;
  }

  async serve(call: Caller): Promise<undefined> {
    const session = sessionOf(call);
    // The reader has gone while its login was looked up; no `close` event would follow.
    if (call.response.destroyed) return undefined;
    const giveBack = this.#shares.take({ user: session.user, address: call.address });
    const held = new BoundedQueue<BoxEvent>(maxHeld, 'drop-newest');
    let writer: EventStreamWriter | undefined;
    const send = (event: BoxEvent) => {
      if (writer) writer.send(event);
      else held.push(event);
    };
    const stops: (() => void)[] = [giveBack];
    const close = () => {
      for (const stop of stops.splice(0)) stop();
      this.#open.delete(close);
      if (writer) writer.close();
      else call.response.destroy();
    };
    this.#open.add(close);
    stops.push(this.#sessions.follow(session.tokenHash, close));
    call.response.once('close', close);
    try {
      const { incidents, devices, cameras, uplink } = this.#parts;
      const missed = incidents.subscribe(
        ({ id, incident }) => send({ id, event: 'incident', data: incident }),
        lastEventId(call.request),
      );
      stops.push(missed.stop);
      stops.push(devices.changes.subscribe((data) => send({ event: 'device', data })));
      stops.push(devices.inputChanges.subscribe((data) => send({ event: 'input', data })));
      stops.push(devices.sensors.changes.subscribe((data) => send({ event: 'sensor', data })));
      stops.push(devices.fireChanges.subscribe((data) => send({ event: 'fire', data })));
      stops.push(cameras.changes.subscribe((data) => send({ event: 'camera', data })));
      stops.push(uplink.changes.subscribe((data) => send({ event: 'uplink', data })));
      const state = await this.#state(!missed.resumed);
      // The reader has gone, and everything was released with it.
      if (!this.#open.has(close)) return undefined;
      writer = new EventStreamWriter(call.response, this.#clock);
      // A resumed reader keeps its own id until the missed changes have reached it.
      writer.send({
        event: 'state',
        data: state,
        ...(missed.resumed ? {} : { id: missed.lastEventId }),
      });
    } catch (error) {
      call.response.removeListener('close', close);
      for (const stop of stops) stop();
      this.#open.delete(close);
      throw error;
    }
    if (held.dropped > 0) {
      close();
      return undefined;
    }
    for (let event = held.shift(); event; event = held.shift()) writer.send(event);
    stops.push(every(this.#clock, beatMs, () => void this.#beat(session.tokenHash, send, close)));
    return undefined;
  }

  /** Ends every stream; readers come back by themselves. */
  stop(): void {
    for (const close of [...this.#open]) close();
  }

  async #state(withIncidents: boolean): Promise<BoxSnapshot> {
    const { devices, cameras, uplink, health, site, incidents } = this.#parts;
    const snapshot = {
      now: isoWithOffset(this.#clock.epochMs()),
      devices: devices.list(),
      inputs: devices.inputs(),
      sensors: devices.sensors.list(),
      fire: devices.fire,
      cameras: cameras.list(),
      uplink: uplink.view(),
      services: health.services(),
      siteVersion: site.inForce,
    };
    if (!withIncidents) return snapshot;
    const page = await incidents.list({}, { limit: snapshotIncidents });
    return { ...snapshot, incidents: page.incidents };
  }

  /** The stream ends with the login that opened it. */
  async #beat(tokenHash: string, send: (event: BoxEvent) => void, close: () => void): Promise<void> {
    try {
      if (await this.#sessions.check(tokenHash)) send({ event: 'beat', data: await this.#state(false) });
      else close();
    } catch (error) {
      this.#log.error('event-feed-beat-failed', { error });
      close();
    }
  }
}

function lastEventId(request: IncomingMessage): string | undefined {
  const header = request.headers['last-event-id'];
  const id = Array.isArray(header) ? header[0] : header;
  return id && id.length <= 200 ? id : undefined;
}
