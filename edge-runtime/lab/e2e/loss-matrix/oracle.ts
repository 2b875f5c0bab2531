/**
 * Compares the events committed on the box with those on the platform, in plain SQL over both databases and
 * the sources' own notes. Shares no code with the product. The box's record is `incident_changes`, which no
 * acknowledgement touches.
 */
import Database from 'better-sqlite3';

export interface Balance {
  /** Incident changes that the box's own log holds, and device events that it acknowledged to the drivers. */
  readonly committed: number;
  /** Still in the box's outbox when it was stopped: late, and a cell that did not end, but not lost. */
  readonly waiting: number;
  /** Committed, not in the platform's database and not waiting in the box's outbox. */
  readonly lost: readonly string[];
  /** In the platform's database twice, or applied to an incident or a device more or less than once. */
  readonly twice: readonly string[];
  /** At the platform, or sent on the event stream, and not in the box's log; a refused message, a gap. */
  readonly wrong: readonly string[];
  /** Deliveries that the platform recognised as repeats. */
  readonly repeats: number;
}

export interface Notes {
  /** `id phase updatedAt` of each change that a listener on the box's event stream got. */
  readonly witnessed: ReadonlySet<string>;
  /**
   * Device names of events that the runtime acknowledged to the drivers: its acknowledgement means that it
   * had committed them.
   */
  readonly devices: ReadonlySet<string>;
}

const committedSql = `SELECT json_extract(body, '$.incident.id') || ' ' || json_extract(body, '$.incident.phase') || ' ' ||
  json_extract(body, '$.incident.updatedAt') FROM incident_changes WHERE json_extract(body, '$.change') IN ('opened', 'updated', 'cleared')`;
const arrivedSql = `SELECT json_extract(data, '$.id') || ' ' || json_extract(data, '$.phase') || ' ' ||
  json_extract(data, '$.updatedAt') FROM events WHERE type = 'gatehouse.incident.v1'`;
const devicesSql = `SELECT json_extract(data, '$.device') FROM events WHERE type = 'gatehouse.device-comms.v1'`;

const waitingSql = `SELECT json_extract(body, '$.data.id') || ' ' || json_extract(body, '$.data.phase') || ' ' ||
  json_extract(body, '$.data.updatedAt') FROM outbox WHERE class = 'alarm'`;
const waitingDevicesSql = "SELECT json_extract(body, '$.data.device') FROM outbox WHERE class = 'door'";

export function judge(boxFile: string, platformFile: string, notes: Notes): Balance {
  const committed = column(boxFile, committedSql);
  const arrived = column(platformFile, arrivedSql);
  const devices = column(platformFile, devicesSql);
  const waits = new Set([...column(boxFile, waitingSql), ...column(boxFile, waitingDevicesSql)]);
  const [has, holds, heldDevices] = [new Set(committed), new Set(arrived), new Set(devices)];
  const rows = (what: string, sql: string) => column(platformFile, sql).map((row) => `${what}: ${row}`);
  return {
    committed: committed.length + notes.devices.size,
    waiting: waiting(boxFile),
    lost: [
      ...committed.filter((key) => !holds.has(key) && !waits.has(key)),
      ...[...notes.devices].filter((device) => !heldDevices.has(device) && !waits.has(device)),
    ],
    twice: [
      ...repeated(arrived),
      ...repeated(devices),
      ...rows(
        'incident changes applied otherwise than once',
        `SELECT i.id || ' ' || i.applied || ' of ' || count(*) FROM incidents i JOIN events e
         ON e.type = 'gatehouse.incident.v1' AND json_extract(e.data, '$.id') = i.id GROUP BY i.id HAVING i.applied <> count(*)`,
      ),
      ...rows(
        'device events applied otherwise than once',
        'SELECT device FROM device_comms WHERE applied <> 1',
      ),
    ],
    wrong: [
      ...arrived.filter((key) => !has.has(key)).map((key) => `never committed: ${key}`),
      ...[...notes.witnessed].filter((key) => !has.has(key)).map((key) => `told and then gone: ${key}`),
      ...rows('gap', "SELECT class || ' ' || first || '-' || last FROM gaps"),
      ...rows('refused', 'SELECT why FROM refused'),
    ],
    repeats: Number(column(platformFile, 'SELECT coalesce(sum(deliveries - 1), 0) FROM events')[0]),
  };
}

/** Number of events that still wait in the box's outbox. */
export function waiting(boxFile: string): number {
  return Number(column(boxFile, 'SELECT count(*) FROM outbox')[0]);
}

/** Number of events on the platform; 0 while it has no database yet. */
export function arrivedCount(platformFile: string): number {
  try {
    return Number(column(platformFile, 'SELECT count(*) FROM events')[0]);
  } catch (error) {
    if (error instanceof Error && /unable to open|no such table|locked|busy/.test(error.message)) return 0;
    throw error;
  }
}

/** The first column of every row, as text. */
function column(file: string, sql: string): string[] {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 5000 });
  try {
    return db.prepare(sql).pluck().all().map(String);
  } finally {
    db.close();
  }
}

function repeated(keys: readonly string[]): string[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.has(key) || !seen.add(key));
}
