import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { until } from '@gatehouse/harness';
import { LocalServer, ManualClock, silentLog } from '@gatehouse/kit';
import { NewestFirst } from '../newest-first.ts';

async function serving(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-newest-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const socket = join(folder, 'api.sock');
  const heard: string[] = [];
  const arrivals: (number | undefined)[] = [];
  let arrived = 0;
  let turns = 0;
  let done = false;
  const count = () => {
    turns++;
    if (!done) setImmediate(count);
  };
  const newestFirst = new NewestFirst(
    (request, response) => {
      response.end('{}');
      if (request.url === '/before') return;
      if (heard.length === 0) setImmediate(count);
      heard.push(request.url ?? '');
      arrivals.push(newestFirst.arrivalOf(request));
    },
    () => ++arrived,
    new ManualClock(),
  );
  const limits = { connections: 400, streams: 1 };
  const server = new LocalServer({ socket, log: silentLog, onRequest: newestFirst.listener, limits });
  server.server.on('connection', newestFirst.onConnection);
  await server.start();
  t.after(() => {
    done = true;
    return server.stop();
  });
  return { socket, heard, arrivals, turns: () => turns };
}

/** Connections that have been served before: their next requests come all at once. */
function connected(path: string, count: number): Promise<Socket[]> {
  const one = async () => {
    const socket = connect(path);
    socket.write('GET /before HTTP/1.1\r\nhost: x\r\n\r\n');
    await once(socket, 'data');
    return socket;
  };
  return Promise.all(Array.from({ length: count }, one));
}

test('of requests that come together the newest is heard among the first, all are heard, and other work goes on between', async (t) => {
  const { socket, heard, arrivals, turns } = await serving(t);
  const sockets = await connected(socket, 300);
  for (const [i, one] of sockets.entries()) {
    one.resume();
    one.write(`GET /${i} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  }
  await until('all 300 are heard', () => heard.length === 300);
  const place = heard.indexOf('/299');
  assert.ok(place < 16, `the newest was heard as number ${place}`);
  assert.equal(new Set(heard).size, 300);
  assert.ok(turns() >= 300 / 16 - 1, `${turns()} turns of the event loop`);
  for (const [i, url] of heard.entries()) assert.equal(arrivals[i], Number(url.slice(1)) + 301, url);
});

test('the same of connections that come together, each with its request', async (t) => {
  const { socket, heard } = await serving(t);
  const sockets = Array.from({ length: 300 }, (_, i) => {
    const one = connect(socket).resume();
    one.write(`GET /${i} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    return one;
  });
  await until('all 300 are heard', () => heard.length === 300);
  const place = heard.indexOf('/299');
  assert.ok(place < 16, `the newest was heard as number ${place}`);
  for (const one of sockets) one.destroy();
});

test('who has gone meanwhile is not served', async (t) => {
  const { socket, heard } = await serving(t);
  const sockets = await connected(socket, 40);
  for (const [i, one] of sockets.entries()) one.write(`GET /${i} HTTP/1.1\r\nhost: x\r\n\r\n`);
  for (const one of sockets.slice(0, 39)) one.destroy();
  await until('the last one is heard', () => heard.includes('/39'));
  sockets[39]?.destroy();
});
