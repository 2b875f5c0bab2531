import type {
  DeviceEvent,
  EventClass,
  Incident,
  IncidentChange,
  OutboxAck,
  OutboxBatch,
  OutboxRefusal,
  Verdict,
} from '@gatehouse/contracts';
import type { Clock, Part } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { AccountTables } from './accounts.ts';
import { explainStore, openDatabase } from './database.ts';
import {
  type IncidentQuery,
  IncidentTables,
  type ListedIncident,
  type VerdictCount,
} from './incident-tables.ts';
import { Outbox, type OutboxBacklog, type OutboxEntry } from './outbox.ts';

/** One incident's new state, how it came about, and what goes upstream with it (nothing for what stays on the box). */
export interface IncidentWrite {
  readonly occupancy: string;
  readonly change: IncidentChange['change'];
  readonly at: string;
  readonly incident: Incident;
  readonly outbox?: OutboxEntry;
  /** The label that made the change; `request` is what a repeat of it is recognised by. */
  readonly label?: { readonly request: string; readonly verdict: Verdict };
}

export interface EventStoreOptions {
  readonly file: string;
  readonly box: string;
  readonly clock: Clock;
}

/**
 * events.db, owned by the runtime process alone. Every method is one transaction: an incident's change, its outbox
 * row and the rule state that will not raise it again are committed together or not at all.
 */
export class EventStore implements Part {
  readonly #options: EventStoreOptions;
  #db: Database.Database | undefined;
  #tables: { incidents: IncidentTables; outbox: Outbox; accounts: AccountTables } | undefined;

  readonly #outboxListeners = new Set<() => void>();

  constructor(options: EventStoreOptions) {
    this.#options = options;
  }

  start(): void {
    const db = openDatabase(this.#options.file);
    this.#db = db;
    this.#tables = {
      incidents: new IncidentTables(db),
      outbox: new Outbox(db, this.#options.box),
      accounts: new AccountTables(db, (write) => this.#guard(write)),
    };
  }

  stop(): void {
    this.#db?.close();
    this.#db = undefined;
    this.#tables = undefined;
  }

  get epoch(): string {
    return this.#open.outbox.epoch;
  }
  /** Users, sessions, failed logins and the audit trail. */
  get accounts(): AccountTables {
    return this.#open.accounts;
  }

  /** Writes incident changes with their outbox rows and a camera's rule state, in one transaction. Throws `STORE_FULL`. */
  commit(
    writes: readonly IncidentWrite[],
    engine?: { readonly camera: string; readonly state: unknown },
  ): IncidentChange[] {
    const { incidents, outbox } = this.#open;
    return this.#atomically(() => {
      if (engine) incidents.saveEngineState(engine.camera, engine.state);
      return writes.map((write) => {
        if (write.outbox) outbox.append(write.outbox, this.#options.clock.epochMs());
        return incidents.write(write);
      });
    });
  }

  incident(id: string): Incident | undefined {
    return this.#open.incidents.byId(id);
  }
  /** The open incident of a kind about a device, if any. */
  openIncidentOf(kind: Incident['kind'], device: string): Incident | undefined {
    return this.#open.incidents.openOf(kind, device);
  }
  incidentByOccupancy(occupancy: string): Incident | undefined {
    return this.#open.incidents.byOccupancy(occupancy);
  }
  /** The occupancy key under which an incident was written. */
  occupancyOf(id: string): string | undefined {
    return this.#open.incidents.occupancyOf(id);
  }
  /** Newest first. */
  incidents(query: IncidentQuery): ListedIncident[] {
    return this.#open.incidents.list(query);
  }
  /** Incidents of a camera opened from `from` to `to` (RFC 3339), oldest first. */
  incidentsOpened(camera: string, from: string, to: string): Incident[] {
    return this.#open.incidents.openedBetween(camera, from, to);
  }
  /** Every label an incident was given, oldest first. */
  labels(id: string): Verdict[] {
    return this.#open.incidents.labels(id);
  }
  /** True if a label of this request is kept. */
  hasLabelRequest(request: string): boolean {
    return this.#open.incidents.hasLabelRequest(request);
  }
  /** How guards labelled what each rule of each zone raised since an instant (RFC 3339). */
  verdictCounts(since: string): VerdictCount[] {
    return this.#open.incidents.verdictCounts(since);
  }
  /** Changes after a sequence, oldest first. */
  changesAfter(sequence: number, limit: number): IncidentChange[] {
    return this.#open.incidents.changesAfter(sequence, limit);
  }
  /** Changes written at or after an instant, oldest first. */
  changesSince(at: string, limit: number): IncidentChange[] {
    return this.#open.incidents.changesSince(at, limit);
  }
  lastChange(): number {
    return this.#open.incidents.lastChange();
  }
  engineState(camera: string): unknown {
    return this.#open.incidents.engineState(camera);
  }

  /**
   * Takes over device events from the drivers, each at most once (by id), with what they mean here.
   * Only after this returns may the drivers be told to forget them.
   */
  ingestDeviceEvents(
    events: readonly DeviceEvent[],
    meaning: (event: DeviceEvent) => {
      readonly outbox: OutboxEntry | undefined;
      readonly incidents: readonly IncidentWrite[];
    },
  ): IncidentChange[] {
    const { incidents, outbox } = this.#open;
    return this.#atomically(() =>
      events.flatMap((event) => {
        if (!incidents.rememberDeviceEvent(event)) return [];
        const { outbox: entry, incidents: writes } = meaning(event);
        if (entry) outbox.append(entry, this.#options.clock.epochMs());
        return writes.map((write) => {
          if (write.outbox) outbox.append(write.outbox, this.#options.clock.epochMs());
          return incidents.write(write);
        });
      }),
    );
  }

  /** Calls `listener` after every commit that put something into the outbox; the returned function ends it. */
  onOutboxGrown(listener: () => void): () => void {
    this.#outboxListeners.add(listener);
    return () => this.#outboxListeners.delete(listener);
  }
  outboxBatch(eventclass: EventClass, after: number, limit: number): OutboxBatch {
    return this.#open.outbox.batch(eventclass, after, limit);
  }
  acknowledgeOutbox(ack: OutboxAck): void {
    this.#guard(() => this.#open.outbox.acknowledge(ack));
  }
  /** How many rows the egress allow-list has refused: their content stays on the box. */
  refusals(): number {
    return this.#open.outbox.refusals();
  }
  /** Keeps, once for each row, that the egress allow-list refused it and why. */
  recordRefusal(refusal: OutboxRefusal): void {
    this.#guard(() => this.#open.outbox.refuse(refusal));
  }
  backlog(): OutboxBacklog[] {
    return this.#open.outbox.backlog();
  }

  get #open() {
    if (!this.#tables) throw new Error('the event store is not started');
    return this.#tables;
  }
  #atomically<T>(work: () => T): T {
    const before = this.#open.outbox.appended;
    const result = this.#guard(() => {
      if (!this.#db) throw new Error('the event store is not started');
      return this.#db.transaction(work).immediate();
    });
    if (this.#open.outbox.appended > before) for (const listener of this.#outboxListeners) listener();
    return result;
  }
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw explainStore(this.#options.file, cause);
    }
  }
}
