import Database from 'better-sqlite3';

export interface IncidentRow {
  readonly id: string;
  readonly kind: string;
  readonly phase: string;
  readonly camera: string;
  readonly openedAt: string;
}

/**
 * The faults in the platform's data, found in plain SQL over the receiver's own tables; empty when all is
 * well.
 */
export function judgePlatform(file: string): {
  incidents: IncidentRow[];
  wrong: string[];
  redelivered: number;
} {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const wrong: string[] = [];
    const list = (what: string, sql: string) => {
      for (const row of db.prepare(sql).all()) wrong.push(`${what}: ${JSON.stringify(row)}`);
    };
    list(
      'numbers missing in a stream',
      `SELECT box, epoch, class, max(sequence) AS highest, count(*) AS held FROM events GROUP BY box, epoch, class
       HAVING count(*) <> max(sequence) OR count(DISTINCT sequence) <> count(*)`,
    );
    list('a gap was accepted', 'SELECT * FROM gaps');
    list('refused', 'SELECT * FROM refused');
    list(
      'acknowledged less or more than held',
      `SELECT s.class, s.contiguous, (SELECT max(sequence) FROM events e WHERE e.box = s.box AND e.epoch = s.epoch
       AND e.class = s.class) AS highest FROM streams s WHERE contiguous <> highest`,
    );
    list(
      'an incident not opened once and cleared at most once',
      `SELECT json_extract(data, '$.id') AS incident, sum(json_extract(data, '$.phase') = 'opened') AS opened,
       sum(json_extract(data, '$.phase') = 'cleared') AS cleared FROM events
       WHERE type LIKE '%incident%' GROUP BY 1 HAVING opened <> 1 OR cleared > 1`,
    );
    list(
      'an incident to which not every event was applied once',
      `SELECT i.id, i.applied, count(*) AS events FROM incidents i JOIN events e
       ON json_extract(e.data, '$.id') = i.id GROUP BY i.id HAVING i.applied <> count(*)`,
    );
    list('a command applied more than once', 'SELECT command_id, applied FROM commands WHERE applied <> 1');
    const { redelivered } = db
      .prepare('SELECT coalesce(sum(deliveries - 1), 0) AS redelivered FROM events')
      .get() as { redelivered: number };
    const incidents = db
      .prepare('SELECT id, kind, phase, camera, opened_at AS openedAt FROM incidents ORDER BY opened_at')
      .all() as IncidentRow[];
    return { incidents, wrong, redelivered };
  } finally {
    db.close();
  }
}

/** Final states of the commands that reached the platform. */
export function platformCommands(file: string): Map<string, string> {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const rows = db.prepare('SELECT command_id AS id, state FROM commands').all() as {
      id: string;
      state: string;
    }[];
    return new Map(rows.map(({ id, state }) => [id, state]));
  } finally {
    db.close();
  }
}

/**
 * Number of times that the playlist's car parked, from the time when the camera simulator played it. `passes`
 * are the wall-clock times at which the first clip began. A pass counts when all of its standing time (8.0 to
 * 83.0 s) lies between the two times.
 */
export function judgeParking(
  passes: readonly number[],
  fromMs: number,
  toMs: number,
  incidents: readonly IncidentRow[],
): string[] {
  const wrong: string[] = [];
  const used = new Set<string>();
  const parked = incidents.filter(({ kind }) => kind === 'illegal-parking');
  for (const startMs of passes) {
    const standsMs = startMs + 8_000;
    const leavesMs = startMs + 83_000;
    const during = parked.filter(({ openedAt }) => {
      const opened = Date.parse(openedAt);
      // It may open at the earliest after 30 s of standing, at the latest when the car leaves.
      return opened >= standsMs + 28_000 && opened <= leavesMs + 3_000;
    });
    for (const { id } of during) used.add(id);
    const whole = standsMs >= fromMs && leavesMs <= toMs;
    if (during.length > 1 || (whole && during.length !== 1))
      wrong.push(`the car standing at ${new Date(standsMs).toISOString()} made ${during.length} incidents`);
  }
  for (const { id, kind, openedAt, phase } of incidents) {
    if (kind === 'illegal-parking' && !used.has(id))
      wrong.push(`incident ${id} opened at ${openedAt} when no car had parked`);
    if (phase !== 'cleared') wrong.push(`incident ${id} is ${phase} in the end`);
  }
  return wrong;
}
