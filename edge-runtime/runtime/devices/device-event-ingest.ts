import { type DeviceEvent, faultBy, type HealthFault } from '@gatehouse/contracts';
import { type Clock, GatehouseError, type Log, type Part, sleep } from '@gatehouse/kit';
import type { DriversClient } from '@gatehouse/local-api';
import type { EventStore } from '@gatehouse/store';
import { deviceIncidents } from '../incidents/device-incidents.ts';
import type { IncidentRecords } from '../incidents/incident-records.ts';
import { CommandIds } from '../upstream/command-ids.ts';
import { deviceEntry } from '../upstream/outbox-entries.ts';

/**
 * The interval between looks at the drivers' outbox. Its events are for the record; live state comes by the
 * event stream.
 */
const pollMs = 500;
const batchSize = 200;
/** After this many failures in a row it is reported: 5 s. */
const tellAfter = 10;

export interface DeviceEventIngestOptions {
  readonly store: EventStore;
  readonly drivers: DriversClient;
  readonly records: IncidentRecords;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes over the drivers' events durably: pull, commit, and only then acknowledge. */
export class DeviceEventIngest implements Part {
  readonly #options: DeviceEventIngestOptions;
  readonly #abort = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #failures = 0;
  #failure: unknown;
  constructor(options: DeviceEventIngestOptions) {
    this.#options = options;
  }
  start(): void {
    this.#running = this.#run();
  }
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }

  /**
   * The fault that people must know of: a door's alarm waits in the drivers' own database. Drivers that are
   * away are reported elsewhere.
   */
  health(): HealthFault[] {
    const error = this.#failure;
    const away = error instanceof GatehouseError && error.code === 'PEER_DOWN';
    if (error === undefined || away || this.#failures < tellAfter) return [];
    return [faultBy('people', 'DEVICE_EVENTS_WAIT', error)];
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options;
    const signal = this.#abort.signal;
    while (!signal.aborted) {
      try {
        while ((await this.takeOver()) === batchSize && !signal.aborted);
        this.#failures = 0;
        this.#failure = undefined;
      } catch (error) {
        if (signal.aborted) return;
        // The first failures are the drivers still starting; after that once a minute is enough to be seen.
        this.#failure = error;
        const failures = ++this.#failures;
        if (failures === tellAfter || failures % 120 === 0) log.warn('device-events-wait', { error });
      }
      await sleep(clock, pollMs, signal);
    }
  }

  /**
   * One batch; returns how many events there were. Throws when drivers or disk refuse: nothing is
   * acknowledged then.
   */
  async takeOver(): Promise<number> {
    const { drivers, store, records } = this.#options;
    const { signal } = this.#abort;
    const events = await drivers.call('outbox', { query: { after: 0, limit: batchSize }, signal });
    const last = events.at(-1);
    if (!last) return 0;
    const ids = new CommandIds(() => store.commandIdKey);
    const meaning = (event: DeviceEvent) => ({
      outbox: deviceEntry(event, ids),
      incidents: deviceIncidents(store, event),
    });
    records.ingest(events, meaning);
    await drivers.call('acknowledgeOutbox', { body: { upTo: last.sequence }, signal });
    return events.length;
  }
}
