import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type DeviceEvent,
  defaultStoreSettings,
  type EventClass,
  type Incident,
  type IncidentChange,
  type OutboxAck,
  type OutboxBatch,
  type OutboxRefusal,
  type ServiceHealth,
  type StoreSettings,
  type Verdict,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type Log, type Part, silentLog } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { AccountTables, type StoredAudit } from './accounts.ts';
import { BackgroundDelete } from './background-delete.ts';
import { explainStore, openDatabase, recoverAndOpen } from './database.ts';
import {
  type IncidentQuery,
  IncidentTables,
  type ListedIncident,
  type VerdictCount,
} from './incident-tables.ts';
import { Keeper } from './keeper.ts';
import { Outbox, type OutboxBacklog, type OutboxEntry, type OutboxLimits } from './outbox.ts';
import { ReserveFile } from './reserve-file.ts';
import { type Pruned, Retention } from './retention.ts';
import { storeHealth } from './store-health.ts';
import { type ToldEntry, ToldQueue } from './told-queue.ts';
import { TransferTable } from './transfers.ts';
import { WalGuard } from './wal-guard.ts';

/** While the reserve is being used up, what may be dropped shrinks to this share of its quota. */
const shareOnReserve = 0.25;

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
  /** Quotas and terms; what a site file without a `store` section means by default. */
  readonly settings?: StoreSettings;
  readonly log?: Log;
}

/**
 * events.db, owned by the runtime process alone. Every method is one transaction: an incident's change, its outbox
 * row and the rule state that will not raise it again are committed together or not at all.
 */
export class EventStore implements Part {
  readonly #options: EventStoreOptions;
  #db: Database.Database | undefined;
  #tables: ReturnType<typeof tablesOf> | undefined;

  readonly #outboxListeners = new Set<() => void>();
  readonly #deleting: BackgroundDelete;
  readonly #told: ToldQueue;
  #keeper: Keeper | undefined;
  #wal: WalGuard | undefined;
  #recoveredFrom: string | undefined;
  #hasRecovered = false;

  constructor(options: EventStoreOptions) {
    this.#options = options;
    const { clock } = options;
    this.#deleting = new BackgroundDelete(clock, () =>
      this.#guard(() => this.#open.outbox.deleteAcknowledged()),
    );
    this.#told = new ToldQueue(clock, (entries) =>
      this.#atomically(() => {
        for (const entry of entries) this.#append(entry);
      }),
    );
  }

  start(): void {
    const { file, box, clock, log = silentLog } = this.#options;
    const db = openDatabase({ file, box, nowMs: clock.epochMs(), log });
    this.#use(db);
    this.#keeper?.start();
    this.#deleting.wake();
  }

  /** Everything that holds the connection is made anew with it. */
  #use(db: Database.Database): void {
    const { file, box, clock, settings = defaultStoreSettings, log = silentLog } = this.#options;
    this.#db = db;
    this.#tables = tablesOf(db, { box, clock, settings, guard: (write) => this.#withReserve(write) });
    this.#recoveredFrom = db.prepare("SELECT value FROM meta WHERE key = 'recovered_from'").pluck().get() as
      | string
      | undefined;
    this.#wal = new WalGuard(db, file);
    this.#keeper = new Keeper({
      ...{ clock, log, wal: this.#wal, reserve: new ReserveFile(`${file}.reserve`) },
      onReserve: (held) => this.#recordReserve(held),
    });
  }

  stop(): void {
    if (this.#db) this.#told.stop();
    this.#deleting.stop();
    this.#keeper?.stop();
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

  /** Records of transfers of personal information. */
  get transfers(): TransferTable {
    return this.#open.transfers;
  }

  /** Writes incident changes with their outbox rows and a camera's rule state, in one transaction. Throws `STORE_FULL`. */
  commit(
    writes: readonly IncidentWrite[],
    engine?: { readonly camera: string; readonly state: unknown },
  ): IncidentChange[] {
    // The rules' memory is worth some seconds of dwell; on the reserve the room is for events.
    if (writes.length === 0 && this.#keeper?.livesOnReserve) return [];
    return this.#atomically(() => {
      if (engine) this.#open.incidents.saveEngineState(engine.camera, engine.state);
      return writes.map((write) => this.#write(write));
    });
  }

  /** Writes an event that changes no incident, with the audit record that goes with it, at once. Throws `STORE_FULL`. */
  record(entry: OutboxEntry, audit?: StoredAudit): void {
    this.#atomically(() => {
      this.#append(entry);
      if (audit) this.#open.accounts.recordAudit(audit);
    });
  }

  /** Writes an event that nobody waits for, together with others, within a second. Never throws; a power cut may take the last second. */
  tell(entry: ToldEntry): void {
    this.#told.push(entry);
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
    const atMs = this.#options.clock.epochMs();
    return this.#atomically(() =>
      events.flatMap((event) => {
        const { incidents } = this.#open;
        if (incidents.hasDeviceEvent(event.id)) return [];
        const { outbox: entry, incidents: writes } = meaning(event);
        incidents.rememberDeviceEvent(event, atMs, entry ? this.#append(entry) : 0);
        return writes.map((write) => this.#write(write));
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
  /** Durable when it returns; the rows are deleted in chunks behind it. Throws `ACK_NOT_OURS`. */
  acknowledgeOutbox(ack: OutboxAck): void {
    if (this.#withReserve(() => this.#open.outbox.acknowledge(ack))) this.#deleting.wake();
  }
  /** How many rows the egress allow-list has refused: their content stays on the box. */
  refusals(): number {
    return this.#open.outbox.refusals();
  }
  /** Keeps, once for each row, that the egress allow-list refused it and why. */
  recordRefusal(refusal: OutboxRefusal): void {
    this.#guard(() => this.#open.outbox.refuse(refusal, this.#options.clock.epochMs()));
  }
  backlog(): OutboxBacklog[] {
    return this.#open.outbox.backlog();
  }
  /** One step of retention by a wall clock that is trusted; call again while there is more. */
  prune(nowMs: number): Pruned {
    return this.#withReserve(() => this.#open.retention.step(nowMs));
  }
  /** Wall-clock milliseconds of the newest record here; `undefined` in a new store. */
  newestMs(): number | undefined {
    return this.#open.incidents.newestMs();
  }
  /** How the file and its disk stand. */
  health(): ServiceHealth {
    const { file, settings = defaultStoreSettings } = this.#options;
    return storeHealth({
      file,
      livesOnReserve: this.#keeper?.livesOnReserve ?? false,
      walStuckBytes: this.#wal?.stuckBytes ?? 0,
      backlog: this.backlog(),
      limits: limitsOf(settings),
      // Until somebody has moved the damaged file away, and so has seen this.
      recoveredFrom:
        this.#recoveredFrom !== undefined && existsSync(join(dirname(file), this.#recoveredFrom))
          ? this.#recoveredFrom
          : undefined,
    });
  }

  get #open() {
    if (!this.#tables) throw new Error('the event store is not started');
    return this.#tables;
  }
  #append(entry: OutboxEntry): number {
    return this.#open.outbox.append(entry, this.#options.clock.epochMs());
  }
  #write(write: IncidentWrite): IncidentChange {
    const outboxSequence = write.outbox ? this.#append(write.outbox) : 0;
    return this.#open.incidents.write(write, { atMs: this.#options.clock.epochMs(), outboxSequence });
  }
  #atomically<T>(work: () => T): T {
    const before = this.#open.outbox.appended;
    const result = this.#withRecovery(() => {
      if (!this.#db) throw new Error('the event store is not started');
      return this.#db.transaction(work).immediate();
    });
    this.#keeper?.committed();
    if (this.#open.outbox.appended > before) for (const listener of this.#outboxListeners) listener();
    return result;
  }
  /**
   * A file that turns out to be damaged is made anew of what can be read, once a process, and the same write tried again: a box that
   * nobody looks after must not keep its alarms in memory until somebody does.
   */
  #withRecovery<T>(write: () => T): T {
    try {
      return this.#withReserve(write);
    } catch (error) {
      const isDamaged = error instanceof GatehouseError && error.code === 'STORE_CORRUPT';
      if (!isDamaged || this.#hasRecovered) throw error;
      this.#hasRecovered = true;
      const { file, box, clock, log = silentLog } = this.#options;
      log.error('store-damaged', { file, error });
      this.#keeper?.stop();
      this.#db?.close();
      this.#use(recoverAndOpen({ file, box, nowMs: clock.epochMs(), log }));
      this.#keeper?.start();
      return this.#withReserve(write);
    }
  }
  /** On a full disk the reserve is let go and the same write tried once more; a transaction that failed left nothing. */
  #withReserve<T>(write: () => T): T {
    try {
      return this.#guard(write);
    } catch (error) {
      const isFull = error instanceof GatehouseError && error.code === 'STORE_FULL';
      // Inside a transaction it is the whole of it that is tried again.
      if (!isFull || this.#db?.inTransaction || !this.#keeper?.makeRoom()) throw error;
      const result = this.#guard(write);
      this.#recordReserve(false);
      return result;
    }
  }
  /** Writes the fact where people look, and lets telemetry give way. If even that finds no room, health says it all the same. */
  #recordReserve(held: boolean): void {
    const { clock, log = silentLog } = this.#options;
    const at = isoWithOffset(clock.epochMs());
    try {
      this.#atomically(() => {
        this.#open.accounts.recordAudit({ at, who: 'gatehouse', what: held ? 'disk-has-room' : 'disk-full' });
        if (!held) this.#open.outbox.giveWay(shareOnReserve, clock.epochMs());
      });
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      log.error('store-reserve-not-recorded', { error });
    }
  }
  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (cause) {
      throw explainStore(this.#options.file, cause);
    }
  }
}

function limitsOf({ quotaMiB }: StoreSettings): OutboxLimits {
  const bytes = (mebibytes: number) => mebibytes * 1024 * 1024;
  return {
    alarm: bytes(quotaMiB.alarm),
    door: bytes(quotaMiB.door),
    health: bytes(quotaMiB.health),
    telemetry: bytes(quotaMiB.telemetry),
  };
}

interface TableOptions {
  readonly box: string;
  readonly clock: Clock;
  readonly settings: StoreSettings;
  readonly guard: <T>(write: () => T) => T;
}

function tablesOf(db: Database.Database, { box, clock, settings, guard }: TableOptions) {
  return {
    incidents: new IncidentTables(db),
    outbox: new Outbox(db, box, limitsOf(settings)),
    accounts: new AccountTables(db, clock, guard),
    transfers: new TransferTable(db, clock, guard),
    retention: new Retention(db, settings.retentionDays),
  };
}
