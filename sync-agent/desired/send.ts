import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sleep, systemClock } from '@gatehouse/kit';
import { connectAsync } from 'mqtt';
import { parse } from 'yaml';
import { checkPlaintext } from '../broker/plaintext.ts';
import { signMessage } from '../commands/signer.ts';
import { desiredPayload, desiredType } from './payload.ts';

/**
 * The platform's side in one program: signs zones and flows for a box, publishes them retained, and prints
 * what the box says of them. Exit: 0 settled, 1 anything else (with --wait-s 0: 0 once the broker has it), 2
 * wrong arguments. The broker's login comes from GATEHOUSE_PLATFORM_USERNAME and GATEHOUSE_PLATFORM_PASSWORD.
 */
const usage = `node sync-agent/desired/send.ts --key FILE --key-id ID --url URL --box BOX --version N [--zones FILE] [--flows FILE]
  [--user NAME] [--prefix gatehouse] [--wait-s 900] [--dry-run: print the message only]
  [--plaintext HOST: of a mqtt:// broker beyond this machine]
  zones: YAML or JSON, {camera: [zone, ...]}, or a whole site file. flows: JSON as Node-RED exports it.
`;
const finals: readonly (string | undefined)[] = ['settled', 'rolled-back', 'refused', 'superseded'];

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{
      key: text,
      'key-id': text,
      url: text,
      plaintext: text,
      box: text,
      version: text,
      zones: text,
      flows: text,
    },
    ...{ user: { ...text, default: 'operator' }, prefix: { ...text, default: 'gatehouse' } },
    'wait-s': { ...text, default: '900' },
    'dry-run': { type: 'boolean' },
  },
});
process.exitCode = await send();

async function send(): Promise<number> {
  const { key, url, box, zones, flows, user, prefix } = values;
  const keyId = values['key-id'];
  const version = Number(values.version);
  const rightVersion = Number.isSafeInteger(version) && version > 0;
  if (!key || !keyId || !box || !rightVersion || !(zones || flows) || !(url || values['dry-run'])) {
    process.stderr.write(usage);
    return 2;
  }
  const parts = {
    ...(zones ? { zones: zonesIn(zones) } : {}),
    ...(flows ? { flows: JSON.parse(readFileSync(flows, 'utf8')) } : {}),
  };
  const wish = { id: randomUUID(), box, version, user, issuedMs: systemClock.epochMs(), parts };
  const signer = { id: keyId, privateKey: readFileSync(key, 'utf8') };
  const message = signMessage(desiredType, desiredPayload(wish), signer);
  if (values['dry-run'] || !url) {
    process.stdout.write(`${message}\n`);
    return 0;
  }
  return publish(url, `${prefix}/${box}`, message, version);
}

async function publish(url: string, topic: string, message: string, version: number): Promise<number> {
  const { GATEHOUSE_PLATFORM_USERNAME: username, GATEHOUSE_PLATFORM_PASSWORD: password } = process.env;
  checkPlaintext(url, values.plaintext);
  const client = await connectAsync(url, {
    clientId: `gatehouse-send-${randomUUID()}`,
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  });
  /** An event comes again until it is acknowledged. */
  const printed = new Set<string>();
  const outcome = new Promise<string | undefined>((resolve) => {
    client.on('message', (_topic, payload) => {
      const told = aboutUs(payload, version);
      const line = JSON.stringify(told);
      if (!told || printed.has(line)) return;
      printed.add(line);
      process.stdout.write(`${line}\n`);
      if (finals.includes(told.phase)) resolve(told.phase);
    });
  });
  await client.subscribeAsync(`${topic}/events/door`, { qos: 1 });
  await client.publishAsync(`${topic}/desired`, message, { qos: 1, retain: true });
  const waitMs = Number(values['wait-s']) * 1000;
  const end = await Promise.race([outcome, sleep(systemClock, waitMs).then(() => undefined)]);
  await client.endAsync(true);
  if (waitMs > 0 && end === undefined)
    process.stdout.write(`${JSON.stringify({ version, phase: 'no-answer' })}\n`);
  process.exit(end === 'settled' || waitMs === 0 ? 0 : 1);
}

/** A site file has them camera by camera. */
function zonesIn(file: string): unknown {
  const read = parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(read?.cameras)) return read;
  const cameras: { id: string; zones?: unknown[] }[] = read.cameras;
  return Object.fromEntries(cameras.map(({ id, zones = [] }) => [id, zones]));
}

interface Told {
  readonly phase?: string;
  readonly version?: number;
}

/** A message without a readable version may well be ours. */
function aboutUs(payload: Buffer, version: number): Told | undefined {
  const event = JSON.parse(payload.toString('utf8')) as { type?: string; data?: Told };
  if (event.type !== 'gatehouse.desired-state.v1') return undefined;
  return (event.data?.version ?? version) === version ? event.data : undefined;
}
