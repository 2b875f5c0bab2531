import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { driversForRuntime } from '@gatehouse/contracts';
import { closeServer } from '@gatehouse/harness';
import { listenOnSocket, ManualClock, silentLog } from '@gatehouse/kit';
import { apiClient } from '@gatehouse/local-api';
import { EventStore } from '@gatehouse/store';
import { temporaryFolder } from '../../test/fixtures.ts';
import { PlatformForwarder } from '../platform-forwarder.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const x = publicKey.export({ format: 'jwk' }).x ?? '';
const keys = [{ id: 'city-1', publicKey: Buffer.from(x, 'base64url').toString('base64') }];

function message(clock: ManualClock, id = randomUUID(), issuedMs = clock.epochMs()) {
  const type = 'application/vnd.gatehouse.command.v1+json';
  const body = Buffer.from(
    JSON.stringify({
      specversion: '1.0',
      id,
      source: 'platform',
      type: 'gatehouse.command.v1',
      boxid: 'box-1',
      time: new Date(issuedMs).toISOString(),
      expirytime: new Date(issuedMs + 20_000).toISOString(),
      data: { device: 'door', action: 'open', user: 'li' },
    }),
  );
  const bytes = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body]);
  const sig = sign(null, bytes, privateKey).toString('base64');
  const signatures = [{ keyid: 'city-1', sig }];
  const envelope = JSON.stringify({ payloadType: type, payload: body.toString('base64'), signatures });
  return { bytes: Buffer.from(envelope).toString('base64'), retained: false };
}

function startForwarder(t: TestContext) {
  const folder = temporaryFolder(t);
  const clock = new ManualClock();
  const store = new EventStore({ file: join(folder, 'events.db'), box: 'box-1', clock });
  store.start();
  t.after(() => store.stop());
  const socket = join(folder, 'd', 'api.sock');
  const drivers = apiClient(driversForRuntime, { socket });
  const options = { box: 'box-1', keys, drivers, store, clock, log: silentLog };
  const told = () => store.outboxBatch('door', 0, 100).events.map(({ data }) => data);
  return {
    clock,
    socket,
    told,
    forwarder: new PlatformForwarder(options),
    again: () => new PlatformForwarder(options),
  };
}

/** Drivers that count what reaches them, and answer with this status; 0: cut the connection instead. */
async function startDrivers(t: TestContext, socket: string, cut = false) {
  let heard = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => {
      heard++;
      if (cut) response.destroy();
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await listenOnSocket(server, socket);
  t.after(() => closeServer(server));
  return () => heard;
}

test('what was rejected while the drivers were away does not reach them later, also not after a restart', async (t) => {
  const { clock, socket, told, forwarder, again } = startForwarder(t);
  const command = message(clock);
  const { outcome } = await forwarder.take(command);
  assert.deepEqual([outcome?.state, outcome?.reason], ['rejected', 'DRIVERS_DOWN']);
  assert.equal(told().length, 1);
  const heard = await startDrivers(t, socket);
  await clock.advance(1_000);
  assert.equal((await forwarder.take(command)).refusal?.reason, 'COMMAND_REPEATED');
  assert.equal((await again().take(command)).outcome?.reason, 'RUNTIME_RESTARTED');
  assert.equal(heard(), 0);
  await forwarder.take(message(clock));
  assert.equal(heard(), 1, 'a new one does');
});

test('drivers that heard a command and did not answer: unknown, not "not done"', async (t) => {
  const { clock, socket, told, forwarder } = startForwarder(t);
  const heard = await startDrivers(t, socket, true);
  await forwarder.take(message(clock));
  assert.equal(heard(), 1, 'it was sent once and not again');
  assert.deepEqual(
    told().map(({ state, reason, relay }) => [state, reason, relay]),
    [['unknown', 'COMMAND_UNANSWERED', 'unknown']],
  );
});

test('a flood is cut off, and fills neither the outbox nor the drivers', async (t) => {
  const { clock, told, forwarder } = startForwarder(t);
  const junk = { bytes: Buffer.from('junk').toString('base64'), retained: false };
  let limited = 0;
  for (let i = 0; i < 300; i++)
    await forwarder.take(junk).catch((error) => {
      assert.equal(error.code, 'MESSAGES_LIMITED');
      limited++;
    });
  assert.equal(limited, 100);
  assert.equal(told().length, 60);
  await clock.advance(60_000);
  assert.equal((await forwarder.take(junk)).refusal?.reason, 'DRIVERS_DOWN');
});
