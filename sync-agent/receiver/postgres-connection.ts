import { errorOf, GatehouseError } from '@gatehouse/kit';
import pg from 'pg';
import { postgresMigrations } from './postgres-schema.ts';

/** Where the receivers' tables are, apart from whatever else the database holds. */
const schema = 'gatehouse';
/** Connections of one receiver: one commits, one lists positions or prunes, one for the page. */
const poolSize = 3;
const connectTimeoutMs = 10_000;
/**
 * A statement or a wait for a lock longer than this is given up: its events are sent again by their boxes.
 */
const statementTimeoutMs = 30_000;
/** Taken while the schema is migrated, since several receivers may start at once: "gate" in ASCII. */
const migrationLock = 0x67617465;

/** True for what `--db` may be besides a file: a PostgreSQL address. */
export function isPostgresUrl(db: string): boolean {
  return /^postgres(ql)?:\/\//.test(db);
}

/** The address as it may stand in a log. */
export function shownUrl(url: string): string {
  return url.replace(/(:\/\/[^:/@]*):[^@/]*@/, '$1:…@');
}

/**
 * Connects to PostgreSQL, migrates the schema and reads the settings back that durability rests on. The
 * password may come from PGPASSWORD or ~/.pgpass. Throws `RECEIVER_*` errors that name the address and the
 * remedy; closes its connections then.
 */
export async function openPostgres(url: string, onIdleError: (error: unknown) => void): Promise<pg.Pool> {
  const pool = new pg.Pool({ ...postgresSession(url, '-c synchronous_commit=on'), max: poolSize });
  // A connection tells of its end itself, idle or lent out; the pool tells of it again.
  pool.on('connect', (client) => client.on('error', onIdleError));
  pool.on('error', () => undefined);
  try {
    await verify(pool, url);
    await inTransaction(pool, (client) => migrate(client, url));
    return pool;
  } catch (cause) {
    await pool.end();
    throw explainPostgres(cause, url);
  }
}

/** How every connection of ours is set up; `options` are settings more. */
export function postgresSession(url: string, options: string): pg.PoolConfig {
  return {
    connectionString: url,
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'gatehouse-receiver',
    options: `-c search_path=${schema} -c statement_timeout=${statementTimeoutMs} -c TimeZone=UTC ${options}`,
    types: { getTypeParser: typeParser },
  };
}

/**
 * int8 as a number: every sequence fits (`Number.MAX_SAFE_INTEGER` at most); times and JSON as the text they
 * are.
 */
const typeParser: pg.CustomTypesConfig['getTypeParser'] = (oid: number, format?: 'text' | 'binary') => {
  const { INT8, TIMESTAMPTZ, JSON: json } = pg.types.builtins;
  if (oid === INT8) return Number;
  if (oid === TIMESTAMPTZ || oid === json) return String;
  return format === undefined ? pg.types.getTypeParser(oid) : pg.types.getTypeParser(oid, format);
};

/** Runs `work` between BEGIN and COMMIT; rolls back and rethrows if it fails. */
export async function inTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((rollback: Error) => {
      broken = rollback;
    });
    throw error;
  } finally {
    // A connection that cannot even roll back is thrown away.
    client.release(broken);
  }
}

/** The server must put a commit on its disk before it says so, whatever the role or database was set to. */
async function verify(pool: pg.Pool, url: string): Promise<void> {
  for (const setting of ['synchronous_commit', 'fsync', 'full_page_writes']) {
    const { rows } = await pool.query<{ value: string }>('SELECT current_setting($1) AS value', [setting]);
    if (rows[0]?.value === 'on') continue;
    throw errorOf('RECEIVER_NOT_DURABLE/postgres', { url: shownUrl(url), setting, found: rows[0]?.value });
  }
}

async function migrate(client: pg.PoolClient, url: string): Promise<void> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await client.query('CREATE TABLE IF NOT EXISTS schema_version (version integer NOT NULL)');
  const { rows } = await client.query<{ version: number }>('SELECT version FROM schema_version');
  const found = rows[0]?.version ?? 0;
  if (found > postgresMigrations.length)
    throw errorOf('RECEIVER_TOO_NEW/postgres', {
      url: shownUrl(url),
      found,
      known: postgresMigrations.length,
    });
  for (const sql of postgresMigrations.slice(found)) await client.query(sql);
  await client.query('DELETE FROM schema_version');
  await client.query('INSERT INTO schema_version VALUES ($1)', [postgresMigrations.length]);
}

/** SQLSTATE classes (PostgreSQL 15, appendix A) and system errors: what each means. */
const meanings = [
  [/^28/, 'RECEIVER_LOGIN_REFUSED'],
  [/^3D000/, 'RECEIVER_DATABASE_MISSING'],
  [/^42501/, 'RECEIVER_NOT_WRITABLE/postgres'],
  [/^(53100|58030)/, 'RECEIVER_FULL/postgres'],
  [
    /^(08|53|57|40|55P03|25006|ECONN|ENOENT|EACCES|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)/,
    'RECEIVER_UNREACHABLE',
  ],
] as const;

/**
 * An error of PostgreSQL or the network as one a person can act on; what the batch itself caused passes
 * through.
 */
export function explainPostgres(cause: unknown, url: string): unknown {
  if (cause instanceof GatehouseError || !(cause instanceof Error)) return cause;
  const inner = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code = inner && typeof inner === 'object' && 'code' in inner ? String(inner.code) : '';
  // pg names neither a lost connection nor a timed out connect with a code.
  const lost = code === '' && /connection|timeout/i.test(cause.message);
  const [, key] = meanings.find(([pattern]) => pattern.test(lost ? 'ECONN' : code)) ?? [];
  if (!key) return cause;
  return errorOf(key, { url: shownUrl(url), reason: code === '' ? cause.message : code, schema }, { cause });
}
