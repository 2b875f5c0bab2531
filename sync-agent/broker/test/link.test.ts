import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort, scratchFolder, until } from '@gatehouse/harness';
import { GatehouseError, systemClock } from '@gatehouse/kit';
import { startAedes, startMosquitto } from '../../test/support/brokers.ts';
import { rawClient } from '../../test/support/raw-client.ts';
import { type BrokerLogin, type InboundMessage, openLink } from '../link.ts';

function user() {
  const messages: InboundMessage[] = [];
  const confirmed: (Error | undefined)[] = [];
  return {
    messages,
    confirmed,
    filters: () => ['gatehouse/box-1/acks'],
    onMessage: (message: InboundMessage) => messages.push(message),
    onConfirmed: (error?: Error) => confirmed.push(error),
  };
}

async function open(t: TestContext, url: string, login: Partial<BrokerLogin> = {}, who = user()) {
  const link = await openLink({ url, clientId: 'box-1', ...login }, who, {
    ...{ clock: systemClock, signal: new AbortController().signal },
  });
  t.after(() => link.close());
  return link;
}

const codeOf = (expected: string) => (error: unknown) => {
  assert.ok(error instanceof GatehouseError, String(error));
  assert.equal(error.code, expected);
  return true;
};

/** A TCP server that answers every connection with these bytes, then does as told. */
async function talker(t: TestContext, talk: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
}

test('mosquitto is spoken to in MQTT 5, aedes in 3.1.1', async (t) => {
  const mosquitto = await startMosquitto(t, ['max_inflight_messages 7']);
  const modern = await open(t, mosquitto.url);
  assert.deepEqual([modern.protocol, modern.receiveMaximum], [5, 7]);
  const aedes = await startAedes(t);
  const old = await open(t, aedes.url);
  assert.deepEqual([old.protocol, old.receiveMaximum], [4, 65_535]);
});

test('a publish is QoS 1, not retained, with its content type on MQTT 5', async (t) => {
  const { url } = await startMosquitto(t);
  const watcher = await rawClient(t, url, 5);
  const who = user();
  const link = await open(t, url, {}, who);
  link.publish('gatehouse/box-1/events/alarm', '{}', 'application/cloudevents+json');
  assert.equal(link.unconfirmed, 1);
  await until('confirmed', () => who.confirmed.length === 1);
  assert.deepEqual([link.unconfirmed, who.confirmed], [0, [undefined]]);
  const [seen] = await until('seen', () => (watcher.seen.length > 0 ? watcher.seen : undefined));
  assert.equal(seen?.packet.properties?.contentType, 'application/cloudevents+json');
  assert.deepEqual([seen?.packet.qos, seen?.packet.retain], [1, false]);
});

test('a wrong password is one clear line that does not repeat it', async (t) => {
  const passwords = join(scratchFolder(t), 'passwords');
  // An empty list lets nobody in.
  writeFileSync(passwords, '');
  const { url } = await startMosquitto(t, ['allow_anonymous false', `password_file ${passwords}`]);
  const login = { username: 'box-1', password: 'wrong' };
  await assert.rejects(open(t, url, login), (error: unknown) => {
    assert.ok(error instanceof GatehouseError);
    assert.equal(error.code, 'BROKER_LOGIN_REFUSED');
    assert.ok(!error.message.includes('wrong') && error.remedy.includes('"password"'));
    return true;
  });
});

test('a broker that is not there, a program that is no broker, and one that hangs up are told apart', async (t) => {
  await assert.rejects(open(t, `mqtt://127.0.0.1:${await freePort()}`), codeOf('BROKER_UNREACHABLE'));
  const http = await talker(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await assert.rejects(open(t, http), (error: unknown) => error instanceof GatehouseError);
  const hangUp = await talker(t, (socket) => socket.once('data', () => socket.destroy()));
  await assert.rejects(open(t, hangUp), (error: unknown) => error instanceof GatehouseError);
});

test('a packet that announces 200 MB ends the connection before it fills memory', async (t) => {
  let written = 0;
  const url = await talker(t, (socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]));
      socket.on('data', (chunk: Buffer) => {
        // SUBSCRIBE's packet identifier comes back in SUBACK (MQTT 5.0, 3.9).
        if (chunk[0] === 0x82)
          socket.write(Buffer.from([0x90, 0x04, chunk[2] ?? 0, chunk[3] ?? 0, 0x00, 0x01]));
        socket.write(Buffer.from([0x30, 0x80, 0xbc, 0xb0, 0x5f]));
        const body = Buffer.alloc(65_536);
        const pour = () => {
          if (socket.destroyed || written > 200e6) return;
          written += body.length;
          socket.write(body, pour);
        };
        pour();
      });
    });
  });
  const link = await open(t, url);
  assert.equal((await link.closed).code, 'BROKER_PACKET_TOO_LONG');
  assert.ok(written < 20e6, `${written} bytes were taken`);
});

test('a broker that talks garbage after CONNACK ends the link, not the process', async (t) => {
  const url = await talker(t, (socket) => {
    socket.once('data', () => {
      socket.write(Buffer.from([0x20, 0x03, 0x00, 0x00, 0x00]));
      socket.on('data', (chunk: Buffer) => {
        if (chunk[0] === 0x82)
          socket.write(Buffer.from([0x90, 0x04, chunk[2] ?? 0, chunk[3] ?? 0, 0x00, 0x01]));
        socket.write(Buffer.from([0xf0, 0x05, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x10, 0xff]));
      });
    });
  });
  const link = await open(t, url).catch((error: unknown) => error);
  if (link instanceof GatehouseError) return;
  assert.ok((await (link as Awaited<ReturnType<typeof openLink>>).closed) instanceof GatehouseError);
});

test('stopping while connecting ends the attempt', async (t) => {
  const url = await talker(t, () => undefined);
  const abort = new AbortController();
  const attempt = openLink({ url, clientId: 'box-1' }, user(), { clock: systemClock, signal: abort.signal });
  abort.abort();
  await assert.rejects(attempt, GatehouseError);
});
