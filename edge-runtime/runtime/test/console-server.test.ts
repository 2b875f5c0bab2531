import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Console } from '@gatehouse/console';
import { silentLog } from '@gatehouse/kit';
import express from 'express';
import { ConsoleServer } from '../console-server.ts';

async function start(t: TestContext): Promise<number> {
  const app = express();
  app.get('/', (_request, response) => void response.send('here'));
  const page: Console = {
    app,
    attachUpgrades: () => undefined,
    setupCode: async () => undefined,
    verifyEditorToken: async () => undefined,
    stop: () => undefined,
  };
  const server = new ConsoleServer({ console: page, host: '127.0.0.1', port: 0, log: silentLog });
  await server.start();
  t.after(() => server.stop());
  return Number(new URL(server.address()).port);
}

/** Opens that many connections that say nothing; resolves to those that the server closed. */
async function crowd(t: TestContext, port: number, count: number, localAddress: string): Promise<number> {
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  let closed = 0;
  for (let i = 0; i < count; i++) {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    socket.once('close', () => closed++);
    sockets.push(socket);
    await once(socket, 'connect');
  }
  await ask(port, '127.0.0.9');
  return closed;
}

function ask(port: number, localAddress: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const call = get({ port, host: '127.0.0.1', localAddress, agent: false }, (response) => {
      response.setEncoding('utf8').once('data', resolve);
    });
    call.once('error', reject);
  });
}

test('an address that opens connections without end keeps 128 of them, and the guard at another is served', async (t) => {
  const port = await start(t);
  assert.equal(await crowd(t, port, 140, '127.0.0.2'), 12);
  assert.equal(await ask(port, '127.0.0.3'), 'here');
  await assert.rejects(ask(port, '127.0.0.2'), { code: 'ECONNRESET' });
});

test('an address whose connections have ended may open new ones', async (t) => {
  const port = await start(t);
  for (let i = 0; i < 200; i++) assert.equal(await ask(port, '127.0.0.2'), 'here');
});
