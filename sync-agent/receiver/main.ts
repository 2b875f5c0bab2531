import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Uplink } from '@gatehouse/contracts';
import { GatehouseError, jsonLog, type PartTable, runService, systemClock } from '@gatehouse/kit';
import { Receiver } from './receiver.ts';
import { SqliteReceiverStore } from './sqlite-store.ts';

/**
 * The reference receiver. Arguments, each with an environment variable for services: `--url` (GATEHOUSE_RECEIVER_URL),
 * `--db` (GATEHOUSE_RECEIVER_DB), `--prefix` (GATEHOUSE_RECEIVER_PREFIX, default "gatehouse"). The broker's user and
 * password come from GATEHOUSE_RECEIVER_USERNAME and GATEHOUSE_RECEIVER_PASSWORD only, never from the process list.
 */
const log = jsonLog('receiver');

function settings(env: NodeJS.ProcessEnv) {
  const { values } = parseArgs({
    options: { url: { type: 'string' }, db: { type: 'string' }, prefix: { type: 'string' } },
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
      'Give the file of its database.',
    );
  return {
    ...checked.data,
    db,
    username: env.GATEHOUSE_RECEIVER_USERNAME,
    password: env.GATEHOUSE_RECEIVER_PASSWORD,
  };
}

function build(): PartTable {
  const { url, topicPrefix, db, username, password } = settings(process.env);
  const login = { url, clientId: `gatehouse-receiver-${randomUUID()}`, username, password };
  const store = SqliteReceiverStore.open(db);
  const shared = { clock: systemClock, random: Math.random, log };
  return [['receiver', new Receiver({ ...shared, login, topicPrefix, store })]];
}

await runService(log, build);
