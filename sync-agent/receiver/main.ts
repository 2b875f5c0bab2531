import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { plaintextFault, said, Uplink } from '@gatehouse/contracts';
import { errorOf, jsonLog, type PartTable, runService, systemClock } from '@gatehouse/kit';
import { readClasses } from './classes.ts';
import { MediaServer } from './media/media-server.ts';
import { PictureFolder } from './media/picture-folder.ts';
import { openReceiverStore } from './open-store.ts';
import { ReceiverPage } from './page/page.ts';
import { shownUrl } from './postgres-connection.ts';
import { openReader } from './reader.ts';
import { Receiver } from './receiver.ts';
import { readRetention } from './retention.ts';

/**
 * The reference receiver. Arguments, each with an environment variable for services: `--url`
 * (GATEHOUSE_RECEIVER_URL), `--plaintext` (GATEHOUSE_RECEIVER_PLAINTEXT: host of a mqtt:// broker beyond this
 * machine), `--db` (GATEHOUSE_RECEIVER_DB: an SQLite file, or `postgresql://…` for several receivers),
 * `--prefix` (GATEHOUSE_RECEIVER_PREFIX, default "gatehouse"), `--classes` (GATEHOUSE_RECEIVER_CLASSES: e.g.
 * `alarm`, or `door,health,telemetry` beside one that takes alarms; repeatable, default all), `--keep`
 * (GATEHOUSE_RECEIVER_KEEP: days a class, e.g. `alarm=365,telemetry=7`), `--page` (GATEHOUSE_RECEIVER_PAGE:
 * `PORT` or `HOST:PORT` of the page, loopback unless a host is given; GATEHOUSE_RECEIVER_PAGE_TOKEN is its
 * login, needed for any other host), `--media` (GATEHOUSE_RECEIVER_MEDIA: the address at which boxes put
 * pictures, as `--page`; GATEHOUSE_RECEIVER_MEDIA_TOKEN is what they must send) with `--media-dir`
 * (GATEHOUSE_RECEIVER_MEDIA_DIR: where the pictures go). The broker's user and password come from
 * GATEHOUSE_RECEIVER_USERNAME and GATEHOUSE_RECEIVER_PASSWORD only, never from the process list, and
 * PostgreSQL's from PGPASSWORD.
 */
const log = jsonLog('receiver');

/** Addresses that a box may have as its uplink, without the webhook: a receiver sits at a broker. */
const Settings = Uplink.pick({ topicPrefix: true }).extend({
  url: Uplink.shape.url.refine((url) => url.startsWith('mqtt'), 'must be mqtt:// or mqtts://'),
});

function settings(env: NodeJS.ProcessEnv) {
  const { values } = parseArgs({
    options: {
      url: { type: 'string' },
      plaintext: { type: 'string' },
      db: { type: 'string' },
      prefix: { type: 'string' },
      classes: { type: 'string', multiple: true },
      keep: { type: 'string' },
      page: { type: 'string' },
      media: { type: 'string' },
      'media-dir': { type: 'string' },
    },
  });
  const given = {
    url: values.url ?? env.GATEHOUSE_RECEIVER_URL,
    topicPrefix: values.prefix ?? env.GATEHOUSE_RECEIVER_PREFIX,
  };
  const checked = Settings.safeParse(given);
  if (!checked.success) {
    const issue = checked.error.issues[0];
    throw errorOf('RECEIVER_SETTINGS/option', {
      option: issue?.path.join('.') === 'url' ? '--url' : '--prefix',
      problem: issue?.message,
    });
  }
  const plaintext = values.plaintext ?? env.GATEHOUSE_RECEIVER_PLAINTEXT;
  const open = plaintextFault(checked.data.url, plaintext);
  if (open)
    throw errorOf('RECEIVER_SETTINGS/plaintext', {
      problem: said(open, 'en').message,
      host: new URL(checked.data.url).hostname,
    });
  const db = values.db ?? env.GATEHOUSE_RECEIVER_DB;
  if (!db) throw errorOf('RECEIVER_SETTINGS/no-db');
  if (values.db !== undefined && shownUrl(values.db) !== values.db)
    throw errorOf('RECEIVER_SETTINGS/db-password');
  return {
    ...checked.data,
    plaintext,
    db,
    classes: readClasses(values.classes ?? [env.GATEHOUSE_RECEIVER_CLASSES ?? '']),
    retention: readRetention(values.keep ?? env.GATEHOUSE_RECEIVER_KEEP),
    page: readAddress('--page', values.page ?? env.GATEHOUSE_RECEIVER_PAGE),
    media: readMedia(
      readAddress('--media', values.media ?? env.GATEHOUSE_RECEIVER_MEDIA),
      values['media-dir'] ?? env.GATEHOUSE_RECEIVER_MEDIA_DIR,
    ),
    mediaToken: env.GATEHOUSE_RECEIVER_MEDIA_TOKEN || undefined,
    token: env.GATEHOUSE_RECEIVER_PAGE_TOKEN || undefined,
    username: env.GATEHOUSE_RECEIVER_USERNAME,
    password: env.GATEHOUSE_RECEIVER_PASSWORD,
  };
}

/** `8090`, `0.0.0.0:8090` or `[::]:8090`. */
function readAddress(name: string, text: string | undefined): { host: string; port: number } | undefined {
  if (!text) return undefined;
  const [, bracketed, named, digits] = /^(?:(?:\[([0-9a-f:]+)\]|([^:[\]]+)):)?(\d{1,5})$/i.exec(text) ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) throw errorOf('RECEIVER_SETTINGS/address', { name, text });
  return { host: bracketed ?? named ?? '127.0.0.1', port };
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function readMedia(address: Address | undefined, folder: string | undefined) {
  if (!address) return undefined;
  if (folder) return { ...address, folder };
  throw errorOf('RECEIVER_SETTINGS/no-media-dir');
}

async function build(): Promise<PartTable> {
  const { url, plaintext, topicPrefix, classes, db, retention, page, token, media, mediaToken, ...broker } =
    settings(process.env);
  const { username, password } = broker;
  const login = { url, plaintext, clientId: `gatehouse-receiver-${randomUUID()}`, username, password };
  const shared = { clock: systemClock, random: Math.random, log };
  const pictures = media && new PictureFolder({ folder: media.folder, clock: systemClock });
  const pages = page
    ? [new ReceiverPage({ ...shared, ...page, token, pictures, reader: openReader(db) })]
    : [];
  const store = await openReceiverStore(db, log);
  return [
    ['receiver', new Receiver({ ...shared, login, topicPrefix, classes, store, retention })],
    ...pages.map((part) => ['page', part] as const),
    ...(media && pictures
      ? [['media', new MediaServer({ ...shared, ...media, token: mediaToken, pictures })] as const]
      : []),
  ];
}

await runService(log, build);
