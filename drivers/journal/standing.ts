import type { DeviceEvent } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';

type AlarmEvent = Extract<DeviceEvent, { type: 'alarm' }>;

/** An alarm that is open. */
export type StandingAlarm = Pick<AlarmEvent, 'alarm' | 'device' | 'kind' | 'priority' | 'gates'>;

/** What stands over a restart: open alarms, leases, the fire latch. */
export class Standing {
  readonly #db: Database.Database;
  constructor(db: Database.Database) {
    this.#db = db;
  }

  alarms(): StandingAlarm[] {
    const bodies = this.#db.prepare('SELECT body FROM alarms').pluck().all() as string[];
    return bodies.map((body) => JSON.parse(body));
  }
  keepAlarm({ alarm, device, kind, priority, gates, phase }: Omit<AlarmEvent, 'id' | 'sequence'>): void {
    if (phase === 'cleared')
      this.#db.prepare('DELETE FROM alarms WHERE device = ? AND kind = ?').run(device, kind);
    else
      this.#db
        .prepare('INSERT OR REPLACE INTO alarms (device, kind, body) VALUES (?, ?, ?)')
        .run(device, kind, JSON.stringify({ alarm, device, kind, priority, gates }));
  }

  /** Epoch milliseconds until which each device is held open. */
  leases(): ReadonlyMap<string, number> {
    const rows = this.#db.prepare('SELECT device, until_ms FROM leases').raw().all() as [string, number][];
    return new Map(rows);
  }
  keepLease(device: string, untilMs: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO leases (device, until_ms) VALUES (?, ?)').run(device, untilMs);
  }
  endLease(device: string): void {
    this.#db.prepare('DELETE FROM leases WHERE device = ?').run(device);
  }

  /** The latch as it was kept: since when, and the inputs that set it; `undefined` if it is not set. */
  fire(): { readonly since: string; readonly setBy: string[] } | undefined {
    const row = this.#db.prepare('SELECT since, set_by FROM fire').raw().get() as
      | [string, string]
      | undefined;
    return row && { since: row[0], setBy: JSON.parse(row[1]) };
  }
  keepFire(since: string, setBy: readonly string[]): void {
    this.#db
      .prepare('INSERT OR REPLACE INTO fire (one, since, set_by) VALUES (1, ?, ?)')
      .run(since, JSON.stringify(setBy));
  }
  resetFire(): void {
    this.#db.prepare('DELETE FROM fire').run();
  }
}
