import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LocalClient, listenOnSocket, ManualClock } from '@gatehouse/kit';
import { until } from '../../test/rig.ts';
import { NewestFirst } from '../newest-first.ts';

/** A server for which no time passes: it waits until all connections of the moment are accepted. */
async function serving(t: TestContext, most?: number) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-newest-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'api.sock');
  const heard: string[] = [];
  const http = createServer((request, response) => {
    heard.push(request.url ?? '');
    response.end('{}');
  });
  const server = new NewestFirst(http, new ManualClock(), most);
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
