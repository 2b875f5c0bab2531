import {
  type DeviceEvent,
  defaultStoreSettings,
  type EventClass,
  faultsOf,
  type HealthFault,
  type Incident,
  type IncidentChange,
  type OutboxAck,
  type OutboxAckAnswer,
  type OutboxBatch,
  type OutboxDoubt,
  type OutboxPage,
  type OutboxRefusal,
  type StoreSettings,
  type StoreVerification,
  type Verdict,
  type WireAuditHead,
} from '@gatehouse/contracts';
import { type Clock, GatehouseError, isoWithOffset, type Log, type Part, silentLog } from '@gatehouse/kit';
import type Database from 'better-sqlite3';
import { AccountTables, type StoredAudit } from './accounts.ts';
import { BackgroundDelete } from './background-delete.ts';
import { checkFile } from './copies.ts';
import { Forks, wentBackNote } from './fork-epoch.ts';
import {
  type IncidentQuery,
  IncidentTables,
  type IncidentWrite,
  type ListedIncident,
  type VerdictCount,
} from './incident-tables.ts';
import { type MediaStore, MediaTable, type MediaWrites } from './media-table.ts';
import { Outbox, type OutboxBacklog, type OutboxEntry, type OutboxLimits } from './outbox.ts';
import { type Pruned, Retention } from './retention.ts';
import { StoreFile } from './store-file.ts';
import { fileHealth, historyHealth, outboxHealth } from './store-health.ts';
import { type ToldEntry, ToldQueue } from './told-queue.ts';
import { TransferTable } from './transfers.ts';

/** While the reserve is being used up, classes that may be dropped have this share of their quota. */
const shareOnReserve = 0.25;

export interface EventStoreOptions {
  readonly file: string;
  readonly box: string;
  readonly clock: Clock;
  /** Quotas and terms; the default is that of a site file without a `store` section. */
  readonly settings?: StoreSettings;
  readonly log?: Log;
}

/** The search for a head that the platform has goes back so far: the drivers send one a day. */
const auditHeadSearchMs = 7 * 24 * 3_600_000;

/**
 * events.db, owned by the runtime process alone. Every method is one transaction: a change, its outbox row
 * and the rule state that will not raise it again are committed together or not at all.
 */
export class EventStore implements Part {
  readonly #options: EventStoreOptions;
  readonly #file: StoreFile;
  readonly #outboxListeners = new Set<() => void>();
  readonly #deleting: BackgroundDelete;
  readonly #told: ToldQueue;
  readonly #forks: Forks;
  #tables: ReturnType<typeof tablesOf> | undefined;

  constructor(options: EventStoreOptions) {
    this.#options = options;
    const { clock, box, settings = defaultStoreSettings, log = silentLog } = options;
    this.#forks = new Forks({ file: options.file, box, clock, log, limits: limitsOf(settings) });
    this.#file = new StoreFile({
      file: options.file,
      box,
      clock,
      log,
      onOpen: (db) => this.#makeTables(db),
      onReserve: (held) => this.#recordReserve(held),
    });
    this.#deleting = new BackgroundDelete(clock, () =>
      this.#file.guard(() => this.#open.outbox.deleteAcknowledged()),
    );
    this.#told = new ToldQueue(clock, (entries) =>
      this.#atomically(() => {
        for (const entry of entries) this.#append(entry);
      }),
    );
  }

  start(): void {
    this.#file.start();
    this.#deleting.wake();
  }

  stop(): void {
    if (this.#file.isOpen) this.#told.stop();
    this.#deleting.stop();
    this.#file.stop();
    this.#tables = undefined;
  }

  get epoch(): string {
    return this.#open.outbox.epoch;
  }
  /** The key that makes the ids of commands as they leave the box; made with the store, and kept. */
  get commandIdKey(): string {
    return this.#open.outbox.commandIdKey;
  }
  /** Users, sessions, failed logins and the audit trail. */
  get accounts(): AccountTables {
    return this.#open.accounts;
  }

  /** Records of transfers of personal information. */
  get transfers(): TransferTable {
    return this.#open.transfers;
  }

  /** Pictures of incidents on their way to the platform. */
  get media(): MediaTable {
    return this.#open.media;
  }

  /** Writes changes, their outbox rows and a camera's rule state in one transaction. Throws `STORE_FULL`. */
  commit(
    writes: readonly IncidentWrite[],
    engine?: { readonly camera: string; readonly state: unknown },
  ): IncidentChange[] {
    // Without its rule state a restart loses some seconds of dwell; on the reserve the room is for events.
    if (writes.length === 0 && this.#file.livesOnReserve) return [];
    return this.#atomically(() => {
      if (engine) this.#open.incidents.saveEngineState(engine.camera, engine.state);
      return writes.map((write) => this.#write(write));
    });
  }

  /** Writes an event that changes no incident, and its audit record, at once. Throws `STORE_FULL`. */
  record(entry: OutboxEntry, audit?: StoredAudit): void {
    this.#atomically(() => {
      this.#append(entry);
      if (audit) this.#open.accounts.recordAudit(audit);
    });
  }

  /** Writes an event with others within a second. Never throws; a power cut may take the last second. */
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
  incidentByDedupeKey(dedupeKey: string): Incident | undefined {
    return this.#open.incidents.byDedupeKey(dedupeKey);
  }
  /** The dedupe key under which an incident was written. */
  dedupeKeyOf(id: string): string | undefined {
    return this.#open.incidents.dedupeKeyOf(id);
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
  /** The guards' labels by rule and zone since an instant (RFC 3339). */
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
   * Takes over device events from the drivers, each at most once (by id), with their consequences here. The
   * drivers may be told to forget them only after this returns.
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
        const sequence = entry ? this.#append(entry) : 0;
        // Retention uses this sequence of a class that is never dropped to ask if the platform has the event.
        incidents.rememberDeviceEvent(event, atMs, entry?.eventclass === 'door' ? sequence : 0);
        return writes.map((write) => this.#write(write));
      }),
    );
  }

  /** Calls `listener` after every commit that adds to the outbox; the returned function ends it. */
  onOutboxGrown(listener: () => void): () => void {
    this.#outboxListeners.add(listener);
    return () => this.#outboxListeners.delete(listener);
  }
  /** Rows as stored: to parse and serialise a million was half of this process's work in a drain. */
  outboxPage(eventclass: EventClass, after: number, limit: number): OutboxPage {
    return this.#open.outbox.page(eventclass, after, limit);
  }
  outboxBatch(eventclass: EventClass, after: number, limit: number): OutboxBatch {
    const { bodies, ...head } = this.outboxPage(eventclass, after, limit);
    return { ...head, events: bodies.map((body) => JSON.parse(body)) };
  }
  /**
   * Durable when it returns; the rows are deleted in chunks behind it. A report that cannot be of this
   * store's own history begins a new epoch, with an event and an audit record. Throws `ACK_NOT_OURS`,
   * `FORKS_LIMITED`.
   */
  acknowledgeOutbox(ack: OutboxAck): OutboxAckAnswer['outcome'] {
    const done = this.#file.write(() => this.#open.outbox.acknowledge(ack));
    if (done === 'advanced') this.#deleting.wake();
    if (done === 'forked') this.#fork(ack);
    // Once the last row of an earlier epoch is gone, those of this one can be pulled.
    if (done === 'inherited') for (const listener of this.#outboxListeners) listener();
    return done;
  }
  /** The same for a report of the platform that acknowledges nothing. Throws `FORKS_LIMITED`. */
  doubtOutbox(doubt: OutboxDoubt): OutboxAckAnswer['outcome'] {
    const { epoch, eventclass, claim } = doubt;
    const verdict = this.#file.guard(() => this.#open.outbox.judge(epoch, eventclass, claim));
    if (verdict === 'forked') this.#fork(doubt);
    return verdict ?? 'known';
  }
  /** The newest head of the drivers' audit chain that the platform has; one is sent a day at least. */
  acknowledgedAuditHead(): WireAuditHead | undefined {
    const sinceMs = this.#options.clock.epochMs() - auditHeadSearchMs;
    return this.#open.incidents.acknowledgedAuditHead(sinceMs);
  }
  /** Number of rows that the egress allow-list has refused: their content stays on the box. */
  refusals(): number {
    return this.#open.outbox.refusals();
  }
  /** Keeps, once for each row, that the egress allow-list refused it and why. */
  recordRefusal(refusal: OutboxRefusal): void {
    this.#file.guard(() => this.#open.outbox.refuse(refusal, this.#options.clock.epochMs()));
  }
  backlog(): OutboxBacklog[] {
    return this.#open.outbox.backlog();
  }
  /** One step of retention by a wall clock that is trusted; call again while there is more. */
  prune(nowMs: number): Pruned {
    return this.#file.write(() => this.#open.retention.step(nowMs));
  }
  /** Wall-clock milliseconds of the newest record here; `undefined` in a new store. */
  newestMs(): number | undefined {
    return this.#open.incidents.newestMs();
  }
  /** Lends `use` a copy of the present state. Throws `STORE_BUSY_COPYING`, `STORE_NO_ROOM_TO_COPY`. */
  withCopy<T>(use: (copy: string) => Promise<T>): Promise<T> {
    return this.#file.withCopy(use);
  }
  /** Checks every page, of a copy, so that nothing waits for it. Throws what `withCopy` throws. */
  verify(): Promise<StoreVerification> {
    return this.withCopy(checkFile);
  }
  /** The health of the file and its disk, and the events that the platform lacks. Never throws. */
  health(): HealthFault[] {
    const { file, settings = defaultStoreSettings } = this.#options;
    const { livesOnReserve, walStuckBytes, recoveredFrom } = this.#file;
    return faultsOf([
      ['store', () => fileHealth({ file, livesOnReserve, walStuckBytes, recoveredFrom })],
      ['store history', () => historyHealth(wentBackNote(file))],
      ['outbox', () => outboxHealth(this.backlog(), limitsOf(settings), this.refusals())],
    ]);
  }

  #makeTables(db: Database.Database): void {
    const { clock, box, settings = defaultStoreSettings } = this.#options;
    const guard = <T>(write: () => T) => this.#file.write(write);
    const atomically = <T>(work: (writes: MediaWrites) => T) =>
      this.#atomically(() => work(this.#mediaWrites()));
    this.#tables = tablesOf(db, { box, clock, settings, guard, atomically });
  }
  get #open() {
    if (!this.#tables) throw new Error('the event store is not started');
    return this.#tables;
  }
  #mediaWrites(): MediaWrites {
    const { db, transfers } = this.#open;
    return {
      db,
      append: (entry) => void this.#append(entry),
      record: (transfer) => transfers.record(transfer),
    };
  }
  #append(entry: OutboxEntry): number {
    return this.#open.outbox.append(entry, this.#options.clock.epochMs());
  }
  #write(write: IncidentWrite): IncidentChange {
    const outboxSequence = write.outbox ? this.#append(write.outbox) : 0;
    return this.#open.incidents.write(write, { atMs: this.#options.clock.epochMs(), outboxSequence });
  }
  /** Ends an epoch of which the platform has another history. */
  #fork(word: Omit<OutboxAck, 'upTo'>): void {
    const told = this.#atomically(() => this.#forks.fork(word, this.#open));
    this.#makeTables(this.#open.db);
    // Waiting rows can be pulled under the epoch's new name.
    for (const listener of this.#outboxListeners) listener();
    this.#forks.tell(told);
  }
  #atomically<T>(work: () => T): T {
    const before = this.#open.outbox.appended;
    const result = this.#file.transact(work);
    if (this.#open.outbox.appended !== before) for (const listener of this.#outboxListeners) listener();
    return result;
  }
  /** Writes the fact where people look, and drops telemetry. If there is no room, health still says it. */
  #recordReserve(held: boolean): void {
    const { clock, log = silentLog } = this.#options;
    const at = isoWithOffset(clock.epochMs());
    try {
      this.#atomically(() =>
        this.#open.accounts.recordAudit({ at, who: 'gatehouse', what: held ? 'disk-has-room' : 'disk-full' }),
      );
      this.#atomically(() => this.#open.outbox.setShare(held ? 1 : shareOnReserve, clock.epochMs()));
    } catch (error) {
      if (!(error instanceof GatehouseError)) throw error;
      log.error('store-reserve-not-recorded', { error });
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
  readonly atomically: MediaStore['atomically'];
}

function tablesOf(db: Database.Database, { box, clock, settings, guard, atomically }: TableOptions) {
  return {
    db,
    incidents: new IncidentTables(db),
    outbox: new Outbox(db, box, limitsOf(settings)),
    accounts: new AccountTables(db, clock, guard),
    transfers: new TransferTable(db, clock, guard),
    media: new MediaTable(db, { clock, atomically }),
    retention: new Retention(db, settings.retentionDays),
  };
}
