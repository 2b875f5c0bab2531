/** Where the two databases say one thing in two ways. */
export interface Dialect {
  /** Orders by an instant that is kept as text, newest last. */
  instant(column: string, table: 'incidents' | 'commands' | 'device_comms'): string;
  /** Milliseconds since 1970 of a time that the receiver wrote. */
  readonly writtenMs: (column: string) => string;
  readonly arrival: string;
  readonly limit: string;
}

export const sqlite: Dialect = {
  instant: (column) => `julianday(${column})`,
  writtenMs: (column) => `CAST((julianday(${column}) - 2440587.5) * 86400000 AS INTEGER)`,
  arrival: 'rowid',
  limit: '@limit',
};

export const postgres: Dialect = {
  instant: () => 'instant_ms',
  writtenMs: (column) => `(extract(epoch FROM ${column}) * 1000)::bigint`,
  arrival: 'arrival',
  limit: '$1',
};

/** Lists, newest or least complete first. */
export const arrivedLists = [
  'incidents',
  'events',
  'commands',
  'comms',
  'media',
  'boxes',
  'streams',
  'gaps',
  'audit',
  'heads',
  'identity',
  'conflicts',
  'refused',
] as const;
export type ArrivedList = (typeof arrivedLists)[number];
export type ArrivedRow = Readonly<Record<string, unknown>>;

/** The query set; the rows of both databases have the same fields. */
export function queriesFor({ instant, writtenMs, arrival, limit }: Dialect): Record<ArrivedList, string> {
  return {
    incidents: `SELECT id, box, kind, phase, priority, camera, zone, device, opened_at AS "openedAt", updated_at AS "updatedAt",
      cleared_at AS "clearedAt", evidence, applied FROM incidents
      ORDER BY ${instant('updated_at', 'incidents')} DESC, id LIMIT ${limit}`,
    events: `SELECT source, id, box, class AS eventclass, sequence, type, time, historical, understanding, data,
      received_at AS "receivedAt", deliveries FROM events ORDER BY ${arrival} DESC LIMIT ${limit}`,
    commands: `SELECT command_id AS "commandId", box, device, action, state, reason, channel, "user", accepted_at AS "acceptedAt",
      finished_at AS "finishedAt", took_ms AS "tookMs", applied FROM commands
      ORDER BY ${instant('accepted_at', 'commands')} DESC LIMIT ${limit}`,
    comms: `SELECT box, device, comms, reason, at, applied FROM device_comms
      ORDER BY ${instant('at', 'device_comms')} DESC LIMIT ${limit}`,
    media: `SELECT box, time, data FROM events WHERE type = 'gatehouse.media.v1' ORDER BY ${arrival} DESC LIMIT ${limit}`,
    /**
     * lagMs: how old the newest event was when it came; behind: numbers between what is complete and the
     * highest seen.
     */
    boxes: `SELECT s.box, max(${writtenMs('s.updated_at')}) AS "lastMs", max(s.lag_ms) AS "lagMs",
      CAST(sum(s.highest - s.contiguous) AS BIGINT) AS behind,
      (SELECT CAST(coalesce(sum(g.last - g.first + 1), 0) AS BIGINT) FROM gaps g WHERE g.box = s.box) AS missing
      FROM streams s WHERE s.updated_at = (SELECT max(n.updated_at) FROM streams n
        WHERE n.box = s.box AND n.class = s.class)
      GROUP BY s.box ORDER BY behind DESC, "lastMs", s.box LIMIT ${limit}`,
    streams: `SELECT box, epoch, class AS eventclass, contiguous, updated_at AS "updatedAt", highest, lag_ms AS "lagMs"
      FROM streams ORDER BY box, class LIMIT ${limit}`,
    gaps: `SELECT box, epoch, class AS eventclass, first, last, reason, found_at AS "foundAt"
      FROM gaps ORDER BY found_at DESC, first LIMIT ${limit}`,
    audit: `SELECT box, epoch, kind, record, hash, against_epoch AS "againstEpoch", against_record AS "againstRecord",
      against_hash AS "againstHash", found_at AS "foundAt", last_at AS "lastAt"
      FROM audit_findings ORDER BY last_at DESC, box, epoch, kind LIMIT ${limit}`,
    heads: `SELECT box, epoch, sequence, record, hash, instant_ms AS "atMs", received_at AS "receivedAt"
      FROM audit_heads ORDER BY received_at DESC, box, sequence DESC LIMIT ${limit}`,
    identity: `SELECT box, kind, epoch, class AS eventclass, sequence, count, found_at AS "foundAt", last_at AS "lastAt",
      settled_at AS "settledAt", settled_by AS "settledBy" FROM identity_findings
      ORDER BY (settled_at IS NOT NULL AND settled_at >= last_at), last_at DESC, box, kind LIMIT ${limit}`,
    conflicts: `SELECT box, epoch, class AS eventclass, sequence, digest, type, time, data, received_at AS "receivedAt"
      FROM conflicts ORDER BY received_at DESC, box, sequence LIMIT ${limit}`,
    refused: `SELECT why, count, last_at AS "lastAt" FROM refused ORDER BY count DESC LIMIT ${limit}`,
  };
}

const jsonColumns = ['data', 'evidence'];

/**
 * A row without what is absent, its JSON parsed and `historical` a boolean, whichever database it is from.
 */
export function asArrived(row: ArrivedRow): ArrivedRow {
  const entries = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, readColumn(key, value)]));
}

function readColumn(key: string, value: unknown): unknown {
  if (jsonColumns.includes(key)) return JSON.parse(String(value));
  return key === 'historical' ? value === true || value === 1 : value;
}
