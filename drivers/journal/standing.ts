import type { DeviceEvent } from '@gatehouse/contracts';
import type Database from 'better-sqlite3';
import type { JournalFact, StandingChange } from './fact.ts';

type AlarmEvent = Extract<DeviceEvent, { type: 'alarm' }>;

/** An alarm that is open. */
export type StandingAlarm = Pick<AlarmEvent, 'alarm' | 'device' | 'kind' | 'priority' | 'gates'>;

/** The fire latch as it was kept: since when, and the inputs that set it. */
export interface KeptFire {
  readonly since: string | undefined;
  readonly setBy: readonly string[];
}

/**
 * State that survives a restart: open alarms, leases (epoch milliseconds until which each device is held
 * open), the fire latch.
 */
export interface Stands {
  readonly alarms: readonly StandingAlarm[];
  readonly leases: ReadonlyMap<string, number>;
  readonly fire: KeptFire | undefined;
}

/** State after facts that the tables do not have yet. */
export function standsAfter(before: Stands, facts: readonly JournalFact[]): Stands {
  const alarms = new Map(before.alarms.map((alarm) => [`${alarm.device}/${alarm.kind}`, alarm]));
  const leases = new Map(before.leases);
  let { fire } = before;
  for (const fact of facts) {
    if (fact.fact === 'alarm') {
      const { phase, alarm, device, kind, priority, gates } = fact.event;
      if (phase === 'cleared') alarms.delete(`${device}/${kind}`);
      else alarms.set(`${device}/${kind}`, { alarm, device, kind, priority, gates });
    } else if (fact.fact === 'executing' && fact.leaseUntilMs !== undefined)
      leases.set(fact.outcome.device, fact.leaseUntilMs);
    else if (fact.fact === 'entry' && fact.standing?.change === 'lease-ended')
      leases.delete(fact.standing.device);
    else if (fact.fact === 'entry' && fact.standing?.change === 'fire-latched') fire = fact.standing;
    else if (fact.fact === 'entry' && fact.standing?.change === 'fire-reset') fire = undefined;
  }
  return { alarms: [...alarms.values()], leases, fire };
}

/** The tables of what stands. Each method runs inside the caller's transaction. */
export class Standing {
  readonly #db: Database.Database;
  readonly #unreadable: (what: string) => void;

  /** @param unreadable told of each row that cannot be read. */
  constructor(db: Database.Database, unreadable: (what: string) => void) {
    this.#db = db;
    this.#unreadable = unreadable;
  }

  all(): Stands {
    return { alarms: this.#alarms(), leases: this.#leases(), fire: this.#fire() };
  }

  keepAlarm({ alarm, device, kind, priority, gates, phase }: Omit<AlarmEvent, 'id' | 'sequence'>): void {
    if (phase === 'cleared')
      this.#db.prepare('DELETE FROM alarms WHERE device = ? AND kind = ?').run(device, kind);
    else
      this.#db
        .prepare('INSERT OR REPLACE INTO alarms (device, kind, body) VALUES (?, ?, ?)')
        .run(device, kind, JSON.stringify({ alarm, device, kind, priority, gates }));
  }

  keepLease(device: string, untilMs: number): void {
    this.#db.prepare('INSERT OR REPLACE INTO leases (device, until_ms) VALUES (?, ?)').run(device, untilMs);
  }

  apply(standing: StandingChange): void {
    if (standing.change === 'lease-ended')
      this.#db.prepare('DELETE FROM leases WHERE device = ?').run(standing.device);
    else if (standing.change === 'fire-reset') this.#db.prepare('DELETE FROM fire').run();
    else
      this.#db
        .prepare('INSERT OR REPLACE INTO fire (one, since, set_by) VALUES (1, ?, ?)')
        .run(standing.since, JSON.stringify(standing.setBy));
  }

  #alarms(): StandingAlarm[] {
    const rows = this.#db.prepare('SELECT device, body FROM alarms').raw().all() as [string, string][];
    return rows.flatMap(([device, body]) => this.#json<StandingAlarm>(`alarm of ${device}`, body) ?? []);
  }
  #leases(): ReadonlyMap<string, number> {
    return new Map(this.#db.prepare('SELECT device, until_ms FROM leases').raw().all() as [string, number][]);
  }
  /** A latch whose inputs cannot be read is set all the same. */
  #fire(): KeptFire | undefined {
    const [row] = this.#db.prepare('SELECT since, set_by FROM fire').raw().all() as [string, string][];
    if (!row) return undefined;
    const since = Number.isNaN(Date.parse(row[0])) ? undefined : row[0];
    return { since, setBy: this.#json<string[]>('fire latch', row[1]) ?? ['unknown'] };
  }

  #json<T>(what: string, text: string): T | undefined {
    try {
      return JSON.parse(text);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.#unreadable(what);
      return undefined;
    }
  }
}
