import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Uplink } from '@gatehouse/contracts';
import { GatehouseError, jsonLog, type PartTable, runService, systemClock } from '@gatehouse/kit';
import { openReceiverStore } from './open-store.ts';
import { Receiver } from './receiver.ts';
import { readRetention } from './retention.ts';

/**
 * The reference receiver. Arguments, each with an environment variable for services: `--url` (GATEHOUSE_RECEIVER_URL),
 * `--db` (GATEHOUSE_RECEIVER_DB: an SQLite file, or `postgresql://…` for several receivers), `--prefix` (GATEHOUSE_RECEIVER_PREFIX,
 * default "gatehouse"), `--keep` (GATEHOUSE_RECEIVER_KEEP: days a class, e.g. `alarm=365,telemetry=7`). The broker's user and
 * password come from GATEHOUSE_RECEIVER_USERNAME and GATEHOUSE_RECEIVER_PASSWORD only, never from the process list, and
 * PostgreSQL's from PGPASSWORD.
 */
const log = jsonLog('receiver');

function settings(env: NodeJS.ProcessEnv) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      db: { type: 'string' },
      prefix: { type: 'string' },
      keep: { type: 'string' },
    },
  });
  const given = {
    url: values.url ?? env.GATEHOUSE_RECEIVER_URL,
    topicPrefix: values.prefix ?? env.GATEHOUSE_RECEIVER_PREFIX,
  };
  const checked = Uplink.pick({ url: true, topicPrefix: true }).safeParse(given);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw new GatehouseError(
      'RECEIVER_SETTINGS',
      'input',
      `${issue?.path.join('.') === 'url' ? '--url' : '--prefix'}: ${issue?.message}.`,
      'Example: --url mqtt://127.0.0.1:1883 --db receiver.db',
    );
  }
  const db = values.db ?? env.GATEHOUSE_RECEIVER_DB;
  if (!db)
    throw new GatehouseError(
      'RECEIVER_SETTINGS',
      'input',
      '--db is missing.',
      'Give an SQLite file or a postgresql:// address.',
    );
  return {
    ...checked.data,
    db,
    retention: readRetention(values.keep ?? env.GATEHOUSE_RECEIVER_KEEP),
    username: env.GATEHOUSE_RECEIVER_USERNAME,
    password: env.GATEHOUSE_RECEIVER_PASSWORD,
  };
}

async function build(): Promise<PartTable> {
  const { url, topicPrefix, db, retention, username, password } = settings(process.env);
  const login = { url, clientId: `gatehouse-receiver-${randomUUID()}`, username, password };
  const store = await openReceiverStore(db, log);
  const shared = { clock: systemClock, random: Math.random, log };
  return [['receiver', new Receiver({ ...shared, login, topicPrefix, store, retention })]];
}

await runService(log, build);
