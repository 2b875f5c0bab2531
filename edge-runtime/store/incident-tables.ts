import {
  DeviceEvent,
  Incident,
  type IncidentChange,
  type Verdict,
  type WireAuditHead,
} from '@gatehouse/contracts';
import type Database from 'better-sqlite3';
import type { OutboxEntry } from './outbox.ts';

/**
 * One incident's new state, its cause, and its event for the platform (none for a change that stays on the
 * box).
 */
export interface IncidentWrite {
  readonly dedupeKey: string;
  readonly change: IncidentChange['change'];
  readonly at: string;
  readonly incident: Incident;
  readonly outbox?: OutboxEntry;
  /** The label that made the change; a repeat of it is recognised by `request`. */
  readonly label?: { readonly request: string; readonly verdict: Verdict };
}

/** The choice of incidents to list; `before` is the `order` of the last one of the page before. */
export interface IncidentQuery {
  readonly open?: boolean;
  readonly handling?: Incident['handling']['state'];
  readonly limit: number;
  readonly before?: number;
}

/** A page's row: the incident and the sequence to ask the next page before. */
export interface ListedIncident {
  readonly order: number;
  readonly incident: Incident;
}

/** Verdicts on one rule of one zone. */
export interface VerdictCount {
  readonly camera: string;
  readonly zone: string;
  readonly kind: Incident['kind'];
  readonly confirmed: number;
  readonly falseAlarms: number;
  readonly unlabelled: number;
}

interface ChangeRow {
  readonly sequence: number;
  readonly body: string;
}

/** Incidents, their change log, rule state and the device events already taken over. */
export class IncidentTables {
  readonly #db: Database.Database;
  constructor(db: Database.Database) {
    this.#db = db;
  }

  /**
   * Inserts or replaces one incident, logs the change and keeps its label; runs inside the caller's
   * transaction.
   */
  write(
    { dedupeKey, change, at, incident, label }: IncidentWrite,
    written: { readonly atMs: number; readonly outboxSequence: number },
  ): IncidentChange {
    const body = JSON.stringify(incident);
    const open = incident.phase === 'cleared' ? 0 : 1;
    this.#db
      .prepare(
        `INSERT INTO incidents (id, occupancy, open, opened_at, opened_order, body, last_ms, outbox_sequence)
         VALUES (?, ?, ?, ?, (SELECT COALESCE(MAX(sequence), 0) + 1 FROM incident_changes), ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET open = excluded.open, body = excluded.body, last_ms = excluded.last_ms,
           outbox_sequence = max(outbox_sequence, excluded.outbox_sequence)`,
      )
      .run(
        ...[incident.id, dedupeKey, open, incident.openedAt, body],
        ...[Math.round(written.atMs), written.outboxSequence],
      );
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO incident_changes (incident, at, body) VALUES (?, ?, ?)')
      .run(incident.id, at, JSON.stringify({ change, at, incident }));
    if (label)
      this.#db
        .prepare('INSERT INTO incident_labels (request, incident, body) VALUES (?, ?, ?)')
        .run(label.request, incident.id, JSON.stringify(label.verdict));
    return { sequence: Number(lastInsertRowid), change, at, incident };
  }

  byId(id: string): Incident | undefined {
    return parse(this.#db.prepare('SELECT body FROM incidents WHERE id = ?').pluck().get(id));
  }
  byDedupeKey(dedupeKey: string): Incident | undefined {
    return parse(this.#db.prepare('SELECT body FROM incidents WHERE occupancy = ?').pluck().get(dedupeKey));
  }
  openOf(kind: Incident['kind'], device: string): Incident | undefined {
    const sql = `SELECT body FROM incidents
      WHERE open = 1 AND json_extract(body, '$.kind') = ? AND json_extract(body, '$.device') = ?`;
    return parse(this.#db.prepare(sql).pluck().get(kind, device));
  }
  dedupeKeyOf(id: string): string | undefined {
    return this.#db.prepare('SELECT occupancy FROM incidents WHERE id = ?').pluck().get(id) as
      | string
      | undefined;
  }

  /** Every label an incident was given, oldest first. */
  labels(id: string): Verdict[] {
    const bodies = this.#db
      .prepare('SELECT body FROM incident_labels WHERE incident = ? ORDER BY sequence')
      .pluck()
      .all(id) as string[];
    return bodies.map((body) => JSON.parse(body));
  }
  hasLabelRequest(request: string): boolean {
    return this.#db.prepare('SELECT 1 FROM incident_labels WHERE request = ?').get(request) !== undefined;
  }

  /** Incidents of a camera opened in a span of time, oldest first. */
  openedBetween(camera: string, from: string, to: string): Incident[] {
    const bodies = this.#db
      .prepare(
        `SELECT body FROM incidents
         WHERE json_extract(body, '$.camera') = ? AND julianday(opened_at) BETWEEN julianday(?) AND julianday(?)
         ORDER BY opened_order`,
      )
      .pluck()
      .all(camera, from, to) as string[];
    return bodies.map((body) => Incident.parse(JSON.parse(body)));
  }

  /** The guards' labels of the incidents of each rule of each zone since an instant. */
  verdictCounts(since: string): VerdictCount[] {
    return this.#db
      .prepare(
        `SELECT json_extract(body, '$.camera') AS camera, json_extract(body, '$.zone') AS zone,
           json_extract(body, '$.kind') AS kind,
           SUM(json_extract(body, '$.handling.state') = 'confirmed') AS confirmed,
           SUM(json_extract(body, '$.handling.state') = 'false-alarm') AS falseAlarms,
           SUM(json_extract(body, '$.handling.state') IN ('new', 'acknowledged')) AS unlabelled
         FROM incidents
         WHERE julianday(opened_at) >= julianday(?) AND json_extract(body, '$.camera') IS NOT NULL
           AND json_extract(body, '$.zone') IS NOT NULL
         GROUP BY camera, zone, kind ORDER BY camera, zone, kind`,
      )
      .all(since) as VerdictCount[];
  }

  /** Newest opening first. */
  list({ open, handling, limit, before }: IncidentQuery): ListedIncident[] {
    const rows = this.#db
      .prepare(
        `SELECT opened_order AS sequence, body FROM incidents
         WHERE opened_order < ? AND open IN (?, ?) AND (? IS NULL OR json_extract(body, '$.handling.state') = ?)
         ORDER BY opened_order DESC LIMIT ?`,
      )
      .all(
        before ?? Number.MAX_SAFE_INTEGER,
        open === false ? 0 : 1,
        open === true ? 1 : 0,
        handling ?? null,
        handling ?? null,
        limit,
      ) as ChangeRow[];
    return rows.map((row) => ({ order: row.sequence, incident: JSON.parse(row.body) }));
  }

  changesAfter(sequence: number, limit: number): IncidentChange[] {
    return this.#changes(
      'SELECT sequence, body FROM incident_changes WHERE sequence > ? ORDER BY sequence LIMIT ?',
      sequence,
      limit,
    );
  }
  changesSince(at: string, limit: number): IncidentChange[] {
    const sql =
      'SELECT sequence, body FROM incident_changes WHERE julianday(at) >= julianday(?) ORDER BY sequence LIMIT ?';
    return this.#changes(sql, at, limit);
  }
  lastChange(): number {
    return Number(this.#db.prepare('SELECT COALESCE(MAX(sequence), 0) FROM incident_changes').pluck().get());
  }

  /** Wall-clock milliseconds of the newest record of any kind. */
  newestMs(): number | undefined {
    const sql = `SELECT max(ms) FROM (SELECT max(last_ms) AS ms FROM incidents WHERE open = 0
      UNION ALL SELECT max(at_ms) FROM device_events UNION ALL SELECT max(at_ms) FROM audit)`;
    return (this.#db.prepare(sql).pluck().get() as number | null) ?? undefined;
  }

  engineState(camera: string): unknown {
    const body = this.#db.prepare('SELECT body FROM engine_state WHERE camera = ?').pluck().get(camera);
    return typeof body === 'string' ? JSON.parse(body) : undefined;
  }
  saveEngineState(camera: string, state: unknown): void {
    this.#db
      .prepare(
        'INSERT INTO engine_state VALUES (?, ?) ON CONFLICT (camera) DO UPDATE SET body = excluded.body',
      )
      .run(camera, JSON.stringify(state));
  }

  /** True if this device event was taken over before. */
  hasDeviceEvent(id: string): boolean {
    return this.#db.prepare('SELECT 1 FROM device_events WHERE id = ?').get(id) !== undefined;
  }
  rememberDeviceEvent(event: DeviceEvent, atMs: number, outboxSequence: number): void {
    this.#db
      .prepare(
        'INSERT INTO device_events (id, sequence, at, body, at_ms, outbox_sequence) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(event.id, event.sequence, event.at, JSON.stringify(event), Math.round(atMs), outboxSequence);
  }

  acknowledgedAuditHead(sinceMs: number): WireAuditHead | undefined {
    const body = this.#db
      .prepare(
        `SELECT body FROM device_events WHERE at_ms >= ? AND body LIKE '%"type":"audit-head"%' AND outbox_sequence > 0
           AND outbox_sequence <= (SELECT acked FROM outbox_heads WHERE class = 'door')
         ORDER BY outbox_sequence DESC LIMIT 1`,
      )
      .pluck()
      .get(Math.round(sinceMs));
    if (body === undefined) return undefined;
    const event = DeviceEvent.parse(JSON.parse(String(body)));
    return event.type === 'audit-head' ? event.head : undefined;
  }

  #changes(sql: string, from: number | string, limit: number): IncidentChange[] {
    const rows = this.#db.prepare(sql).all(from, limit) as ChangeRow[];
    return rows.map((row) => ({ sequence: row.sequence, ...JSON.parse(row.body) }));
  }
}

function parse(body: unknown): Incident | undefined {
  return typeof body === 'string' ? Incident.parse(JSON.parse(body)) : undefined;
}
