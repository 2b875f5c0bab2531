import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { guardedServer, LocalClient, listenOnSocket, ManualClock, silentLog } from '@gatehouse/kit';
import { until } from '../../test/rig.ts';
import { NewestFirst } from '../newest-first.ts';

/** A server for which no time passes: it waits until all connections of the moment are accepted. */
async function serving(t: TestContext, mostWaiting = 2_000, mostOpen = 2_000) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-newest-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'api.sock');
  const heard: string[] = [];
  const http = guardedServer({
    ...{ name: 'newest', log: silentLog, limits: { connections: mostOpen, streams: 1 } },
    onRequest: (request, response) => {
      heard.push(request.url ?? '');
      response.end('{}');
    },
  });
  const clock = new ManualClock();
  const server = new NewestFirst({ http, clock, log: silentLog, mostOpen, mostWaiting });
  await listenOnSocket(server.server, path);
  t.after(() => server.stop());
  return { path, heard, server };
}

/** Connections whose requests are all in the kernel before the server has looked at any. */
async function together(path: string, count: number): Promise<Socket[]> {
  const sockets = Array.from({ length: count }, (_, i) => {
    const socket = connect(path);
    socket.write(`GET /${i} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  return sockets;
}

test('of many connections that come together the newest is heard among the first, and all are heard', async (t) => {
  const { path, heard } = await serving(t);
  const sockets = await together(path, 300);
  for (const socket of sockets) socket.resume();
  await until(() => heard.length === 300);
  const place = heard.indexOf('/299');
  assert.ok(place < 16, `the newest was heard as number ${place}`);
  assert.equal(new Set(heard).size, 300);
});

test('past its bound the oldest is closed, and the others are heard', async (t) => {
  const { path, heard } = await serving(t, 50);
  const sockets = await together(path, 80);
  let closed = 0;
  for (const socket of sockets)
    socket
      .on('error', () => undefined)
      .resume()
      .once('close', () => closed++);
  await until(() => closed === 80);
  assert.deepEqual(
    heard.map((url) => Number(url.slice(1))).toSorted((a, b) => a - b),
    Array.from({ length: 50 }, (_, i) => i + 30),
  );
});

test('streams end when it stops, and what waits is closed', async (t) => {
  const { path, server } = await serving(t);
  const client = new LocalClient('newest', path);
  assert.deepEqual(await client.call('GET', '/one'), {});
  const idle = connect(path);
  await once(idle, 'connect');
  const gone = once(idle, 'close');
  idle.resume();
  await server.stop();
  await gone;
  await assert.rejects(client.call('GET', '/two'), { code: 'PEER_DOWN' });
});

test('while as many are open as may be, the others wait, and each end lets the next one in', async (t) => {
  const { path, heard } = await serving(t, 2_000, 2);
  const held = [connect(path), connect(path)];
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  for (const socket of held) socket.write('GET /held HTTP/1.1\r\nhost: x\r\n\r\n');
  await until(() => heard.length === 2);
  const sockets = await together(path, 5);
  for (const socket of sockets) socket.resume();
  for (const socket of held) socket.destroy();
  await until(() => heard.length === 7);
  assert.equal(new Set(heard.slice(2)).size, 5);
});

test('a request that never ends is cut off, though its server does not listen itself', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-newest-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'api.sock');
  const http = createServer({ headersTimeout: 20, requestTimeout: 20, connectionsCheckingInterval: 10 });
  const server = new NewestFirst({ http, clock: new ManualClock(), log: silentLog, mostOpen: 5 });
  await listenOnSocket(server.server, path);
  t.after(() => server.stop());
  const half = connect(path);
  const closed = once(half.resume(), 'close');
  half.write('GET /half HTTP/1.1\r\n');
  await closed;
});
