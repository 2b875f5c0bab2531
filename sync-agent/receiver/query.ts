import { parseArgs } from 'node:util';
import { describeError, GatehouseError } from '@gatehouse/kit';
import Database from 'better-sqlite3';

/** What can be listed, newest or least complete first. */
const queries = {
  incidents: `SELECT id, box, kind, phase, priority, camera, zone, device, opened_at AS openedAt, updated_at AS updatedAt,
    cleared_at AS clearedAt, evidence, applied FROM incidents ORDER BY julianday(updated_at) DESC, id LIMIT @limit`,
  events: `SELECT source, id, box, class AS eventclass, sequence, type, time, historical, understanding, data,
    received_at AS receivedAt, deliveries FROM events ORDER BY received_at DESC, rowid DESC LIMIT @limit`,
  commands: `SELECT command_id AS commandId, box, device, action, state, reason, channel, user, accepted_at AS acceptedAt,
    finished_at AS finishedAt, took_ms AS tookMs, applied FROM commands ORDER BY julianday(accepted_at) DESC LIMIT @limit`,
  comms:
    'SELECT box, device, comms, reason, at, applied FROM device_comms ORDER BY julianday(at) DESC LIMIT @limit',
  streams: `SELECT s.box, s.epoch, s.class AS eventclass, s.contiguous, s.updated_at AS updatedAt,
    (SELECT max(sequence) FROM events e WHERE e.box = s.box AND e.epoch = s.epoch AND e.class = s.class) AS highest
    FROM streams s ORDER BY s.box, s.class LIMIT @limit`,
  gaps: 'SELECT box, epoch, class AS eventclass, first, last, found_at AS foundAt FROM gaps ORDER BY found_at DESC LIMIT @limit',
  refused: 'SELECT why, count, last_at AS lastAt FROM refused ORDER BY count DESC LIMIT @limit',
} as const;

export type ArrivedList = keyof typeof queries;
export const arrivedLists = Object.keys(queries) as readonly ArrivedList[];
export type ArrivedRow = Readonly<Record<string, unknown>>;

const jsonColumns = ['data', 'evidence'];

/** Lists what has arrived in a receiver's database, which it opens read-only; safe while the receiver runs. */
export function listArrived(file: string, list: ArrivedList, limit = 1000): ArrivedRow[] {
  let db: Database.Database;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
  } catch (cause) {
    throw new GatehouseError(
      'RECEIVER_DATABASE',
      'input',
      `cannot read ${file}.`,
      'Give the file that the receiver was started with.',
      { cause },
    );
  }
  try {
    return (db.prepare(queries[list]).all({ limit }) as ArrivedRow[]).map(withParsedJson);
  } finally {
    db.close();
  }
}

function withParsedJson(row: ArrivedRow): ArrivedRow {
  const entries = Object.entries(row).filter(([, value]) => value !== null);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, jsonColumns.includes(key) ? JSON.parse(String(value)) : value]),
  );
}

/** `query.ts --db FILE [incidents|events|commands|comms|streams|gaps|refused] [--limit N]`: JSON lines. */
function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      db: { type: 'string', default: process.env.GATEHOUSE_RECEIVER_DB ?? '' },
      limit: { type: 'string', default: '1000' },
    },
  });
  const asked = positionals[0] ?? 'incidents';
  const list = arrivedLists.find((name) => name === asked);
  const limit = Number(values.limit);
  if (!list || !Number.isInteger(limit) || limit < 1)
    throw new GatehouseError(
      'QUERY_INVALID',
      'input',
      `cannot list "${asked}" (limit ${values.limit}).`,
      `Ask for one of ${arrivedLists.join(', ')}.`,
    );
  for (const row of listArrived(values.db, list, limit)) process.stdout.write(`${JSON.stringify(row)}\n`);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
