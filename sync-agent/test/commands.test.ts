import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AuditEntry, DeviceState } from '@gatehouse/contracts';
import { boxIn, scratchFolder, until } from '@gatehouse/harness';
import { LocalClient, socketPath, systemClock } from '@gatehouse/kit';
import { commandPayload, commandType, newKeyPair, type Order, signMessage } from '../commands/signer.ts';
import { listArrived } from '../receiver/query.ts';
import { startMosquitto } from './support/brokers.ts';
import { rawClient } from './support/raw-client.ts';
import { startBoards, startService } from './support/services.ts';

const send = fileURLToPath(new URL('../commands/send.ts', import.meta.url));
const topic = 'gatehouse/box-1/commands';

/**
 * The real thing, each its own process: platform's program, mosquitto, sync, runtime, drivers, simulated
 * boards, receiver.
 */
async function startBox(t: TestContext) {
  const dir = scratchFolder(t);
  const broker = await startMosquitto(t);
  const boardPort = await startBoards(t);
  const keys = newKeyPair();
  const key = join(dir, 'platform.key');
  writeFileSync(key, keys.privateKey, { mode: 0o600 });
  const common = 'bus: gate-bus, unit: 1, profile: waveshare-modbus-rtu-relay-8ch, failMode: safe';
  const env = boxIn(
    dir,
    `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
clock: { keptBy: elsewhere }
buses: [{ id: gate-bus, kind: modbus-tcp, host: 127.0.0.1, port: ${boardPort} }]
devices:
  - { id: barrier, kind: barrier, name: { zh-CN: 道闸, en: Barrier }, ${common}, outputs: { open: 0, close: 1, stop: 2 }, inputs: { open: 0, closed: 1, loop: 2 } }
  - { id: door, kind: door, name: { zh-CN: 门, en: Door }, ${common}, outputs: { open: 3 }, inputs: { open: 3 } }
permissions: { upstream: { allow: [{ actions: [open, close], devices: [barrier] }], perMinute: 30 } }
uplink:
  url: ${broker.url}
  commands: { keys: [{ id: city-1, publicKey: "${keys.publicKey}" }] }
`,
  );
  const drivers = startService(t, '../drivers/main.ts', [], env);
  const runtime = startService(t, '../edge-runtime/runtime/main.ts', [], env);
  await runtime.said(/service-started/);
  const sync = startService(t, 'main.ts', [], env);
  const db = join(dir, 'receiver.db');
  startService(t, 'receiver/main.ts', ['--url', broker.url, '--db', db]);
  await until('all three links', () => sync.output.split('broker-link-up').length > 3);
  const client = new LocalClient('drivers', socketPath('drivers', 'runtime', env));
  const barrier = async () => DeviceState.array().parse(await client.call('GET', '/devices'))[0];
  const up = async () => (await barrier())?.comms === 'ok';
  await until('boards in contact', () => up().catch(() => false));
  const sign = (order: Partial<Order> = {}, by = { id: 'city-1', privateKey: keys.privateKey }) =>
    signMessage(
      commandType,
      commandPayload({
        ...{ id: randomUUID(), box: 'box-1', device: 'barrier', action: 'open', user: 'li' },
        ...{ issuedMs: systemClock.epochMs(), lifeMs: 10_000 },
        ...order,
      }),
      by,
    );
  return { broker, key, drivers, sync, client, barrier, sign, env, db };
}

async function run(args: readonly string[]) {
  const child = spawn(process.execPath, [send, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, told: stdout ? JSON.parse(stdout) : undefined };
}

test('a signed open raises the barrier, is read back and reaches the platform; nothing else moves anything', async (t) => {
  const box = await startBox(t);
  const watcher = await rawClient(t, box.broker.url);
  const args = ['--key', box.key, '--key-id', 'city-1', '--url', box.broker.url, '--box', 'box-1'];
  const id = randomUUID();
  const opened = await run([...args, '--device', 'barrier', '--action', 'open', '--user', 'li', '--id', id]);
  assert.equal(opened.code, 0, JSON.stringify(opened.told));
  assert.deepEqual(
    [opened.told.commandId, opened.told.state, opened.told.feedback, opened.told.origin],
    [id, 'confirmed', 'reached', { channel: 'upstream', user: 'li', key: 'city-1' }],
  );
  assert.equal((await box.barrier())?.position, 'open');
  const denied = await run([...args, '--device', 'door', '--action', 'open']);
  assert.deepEqual([denied.code, denied.told.state, denied.told.reason], [1, 'rejected', 'NOT_PERMITTED']);

  const stranger = { id: 'city-1', privateKey: newKeyPair().privateKey };
  const close = { action: 'close' } as const;
  const hostile: [string, string | Buffer, boolean?][] = [
    ['SIGNATURE_WRONG', box.sign(close, stranger)],
    ['KEY_UNKNOWN', box.sign(close, { ...stranger, id: 'nobody' })],
    ['OTHER_BOX', box.sign({ ...close, box: 'box-2' })],
    ['MESSAGE_MALFORMED', Buffer.from([0xff, 0xfe, 0x00])],
    ['MESSAGE_TOO_LONG', 'x'.repeat(20_000)],
    ['COMMAND_REPEATED', box.sign({ id })],
    ['EXPIRY_TOO_FAR', box.sign({ ...close, lifeMs: 60_000 })],
  ];
  const refused = () =>
    watcher
      .events()
      .flatMap(({ type, data }) => (type === 'gatehouse.command-refused.v1' ? [data.reason] : []));
  for (const [reason, message, retain] of hostile) {
    await watcher.publish(topic, message, retain);
    await until(reason, () => refused().includes(reason));
  }
  await watcher.publish(topic, box.sign({ ...close, issuedMs: systemClock.epochMs() - 20_000 }));
  await until('late', () =>
    watcher.events().some(({ data }) => data.state === 'expired' && data.reason === 'COMMAND_EXPIRED'),
  );
  assert.equal((await box.barrier())?.position, 'open', 'every close was refused');
  await until('in the database', () => listArrived(box.db, 'commands').length >= 2);
  const audit = AuditEntry.array().parse(await box.client.call('GET', '/audit?limit=500'));
  const audited = audit.filter(({ what }) => what === 'platform-refused').map(({ facts }) => facts.reason);
  assert.deepEqual(
    audited,
    hostile.map(([reason]) => reason),
  );
  assert.deepEqual(
    audit.filter(({ what, facts }) => what === 'executing' && facts.action === 'close'),
    [],
  );

  // A sync that was taken over has the runtime's socket, and can forge nothing with it.
  const taken = new LocalClient('runtime', socketPath('runtime', 'sync', box.env));
  const forged = { bytes: Buffer.from(box.sign(close, stranger)).toString('base64'), retained: false };
  const answer = await taken.call('POST', '/platform-messages', { body: forged });
  assert.deepEqual(answer, { refusal: { reason: 'SIGNATURE_WRONG', verified: false, key: 'city-1' } });
  for (const route of ['/commands', '/devices/barrier/requests'])
    await assert.rejects(taken.call('POST', route, { body: {} }), { code: 'ROUTE_UNKNOWN' });
});

test('drivers that are down: rejected at once, and not carried out when they are back; an outage of the link delivers nothing late', async (t) => {
  const box = await startBox(t);
  const watcher = await rawClient(t, box.broker.url);
  await box.drivers.kill();
  const id = randomUUID();
  const message = box.sign({ id, lifeMs: 30_000 });
  const sentMs = systemClock.monotonicMs();
  await watcher.publish(topic, message);
  const event = await until('rejected', () => watcher.events().find(({ data }) => data.commandId === id));
  assert.deepEqual(
    [event.type, event.data.state, event.data.reason],
    ['gatehouse.device-command.v1', 'rejected', 'DRIVERS_DOWN'],
  );
  assert.ok(systemClock.monotonicMs() - sentMs < 5_000);
  box.drivers.start();
  await until('back', () =>
    box
      .barrier()
      .then((b) => b?.comms === 'ok')
      .catch(() => false),
  );
  await watcher.publish(topic, message);
  await until('refused', () =>
    watcher.events().find(({ data }) => data.commandId === id && data.reason === 'COMMAND_REPEATED'),
  );
  assert.notEqual((await box.barrier())?.position, 'open');

  // A command published while the box is away is never delivered, and one that the broker keeps is refused.
  await box.sync.kill();
  const missed = randomUUID();
  await watcher.publish(topic, box.sign({ id: missed, lifeMs: 30_000 }));
  const kept = randomUUID();
  await watcher.publish(topic, box.sign({ id: kept, lifeMs: 30_000 }), true);
  box.sync.start();
  const retained = await until('retained', () =>
    watcher.events().find(({ data }) => data.commandId === kept || data.reason === 'RETAINED'),
  );
  assert.deepEqual([retained.data.reason, retained.data.key], ['RETAINED', 'city-1']);
  assert.equal(
    watcher.events().some(({ data }) => data.commandId === missed),
    false,
  );
  assert.notEqual((await box.barrier())?.position, 'open');
});
