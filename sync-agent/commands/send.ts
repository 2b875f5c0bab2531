import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { sleep, systemClock } from '@gatehouse/kit';
import { connectAsync } from 'mqtt';
import { checkPlaintext } from '../broker/plaintext.ts';
import { commandPayload, commandType, newKeyPair, signMessage } from './signer.ts';

/**
 * The platform's side in one program: makes keys, signs a command, publishes it and waits for what became of
 * it. Exit: 0 confirmed, 1 anything else, 2 wrong arguments. The broker's login comes from
 * GATEHOUSE_PLATFORM_USERNAME and GATEHOUSE_PLATFORM_PASSWORD.
 */
const usage = `node sync-agent/commands/send.ts --new-key FILE
node sync-agent/commands/send.ts --key FILE --key-id ID --url URL --box BOX --device DEVICE --action open|close|stop|hold-open|release
  [--hold-s N] [--user NAME] [--reason TEXT] [--life-s 10] [--prefix gatehouse] [--id UUID] [--dry-run: print the message only]
  [--plaintext HOST: of a mqtt:// broker beyond this machine]
`;
/** An outcome comes at most this long after the expiry: the slowest device may move for 60 s. */
const outcomeWithinMs = 65_000;

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{
      key: text,
      'key-id': text,
      url: text,
      plaintext: text,
      box: text,
      device: text,
      action: text,
      'new-key': text,
    },
    ...{ user: { ...text, default: 'operator' }, reason: text, 'hold-s': text, id: text },
    ...{ 'life-s': { ...text, default: '10' }, prefix: { ...text, default: 'gatehouse' } },
    'dry-run': { type: 'boolean' },
  },
});

if (values['new-key']) makeKey(values['new-key']);
else process.exitCode = await send();

function makeKey(file: string): void {
  const { privateKey, publicKey } = newKeyPair();
  writeFileSync(file, privateKey, { mode: 0o600, flag: 'wx' });
  process.stdout.write(`${JSON.stringify({ privateKeyFile: file, publicKey })}\n`);
}

async function send(): Promise<number> {
  const { key, url, box, device, action, user, reason, prefix } = values;
  const keyId = values['key-id'];
  if (!key || !keyId || !box || !device || !action || (!url && !values['dry-run'])) {
    process.stderr.write(usage);
    return 2;
  }
  const id = values.id ?? randomUUID();
  const order = {
    ...{ id, box, device, action, user, issuedMs: systemClock.epochMs() },
    lifeMs: Number(values['life-s']) * 1000,
    ...(reason ? { reason } : {}),
    ...(values['hold-s'] ? { holdS: Number(values['hold-s']) } : {}),
  };
  const privateKey = readFileSync(key, 'utf8');
  const message = signMessage(commandType, commandPayload(order), { id: keyId, privateKey });
  if (values['dry-run'] || !url) {
    process.stdout.write(`${message}\n`);
    return 0;
  }
  const { GATEHOUSE_PLATFORM_USERNAME: username, GATEHOUSE_PLATFORM_PASSWORD: password } = process.env;
  checkPlaintext(url, values.plaintext);
  const client = await connectAsync(url, {
    clientId: `gatehouse-send-${id}`,
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  });
  const outcome = new Promise<Told>((resolve) => {
    client.on('message', (_topic, payload) => {
      const told = aboutUs(payload, id);
      if (told) resolve(told);
    });
  });
  await client.subscribeAsync(`${prefix}/${box}/events/door`, { qos: 1 });
  await client.publishAsync(`${prefix}/${box}/commands`, message, { qos: 1 });
  const told = await Promise.race([outcome, sleep(systemClock, outcomeWithinMs).then(() => undefined)]);
  await client.endAsync(true);
  process.stdout.write(`${JSON.stringify(told ?? { commandId: id, state: 'no-answer' })}\n`);
  process.exit(told?.state === 'confirmed' ? 0 : 1);
}

interface Told {
  readonly commandId?: string;
  readonly state?: string;
}

function aboutUs(payload: Buffer, id: string): Told | undefined {
  const event = JSON.parse(payload.toString('utf8')) as { type?: string; data?: Told };
  const ours = event.type === 'gatehouse.device-command.v1' || event.type === 'gatehouse.command-refused.v1';
  return ours && event.data?.commandId === id ? event.data : undefined;
}
