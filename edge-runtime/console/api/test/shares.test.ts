import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, it } from 'node:test';
import WebSocket from 'ws';
import { addressOf, peerOf } from '../connections/address.ts';
import { startFakeEditor } from './fake-editor.ts';
import { type Harness, startConsole } from './harness.ts';

let box: Harness;
let node: Awaited<ReturnType<typeof startFakeEditor>>;
const closing: (() => void)[] = [];
beforeEach(async () => {
  node = await startFakeEditor();
  box = await startConsole({ editorSocket: node.socketPath });
});
afterEach(async () => {
  for (const close of closing.splice(0)) close();
  await box.stop();
  await node.stop();
});

/** Opens the event stream from an address of loopback's 16 million. */
async function follow(cookie: string, localAddress: string): Promise<number | undefined> {
  const options = {
    host: '127.0.0.1',
    port: box.port,
    localAddress,
    path: '/api/events',
    headers: { cookie },
  };
  const call = request({ ...options, agent: false });
  call.on('error', () => undefined);
  call.end();
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  closing.push(() => call.destroy());
  response.on('error', () => undefined);
  response.resume();
  return response.statusCode;
}

async function watch(cookie: string, localAddress: string, url: string): Promise<'open' | number> {
  const socket = new WebSocket(url, { headers: { cookie }, localAddress });
  socket.on('error', () => undefined);
  closing.push(() => socket.terminate());
  const refused = new Promise<number>((resolve) => {
    socket.once('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
  return Promise.race([once(socket, 'open').then(() => 'open' as const), refused]);
}

const countOpen = (results: readonly unknown[]) =>
  results.filter((one) => one === 200 || one === 'open').length;

describe('event streams', () => {
  it('of one user leave room for every other, wherever they come from', async () => {
    const guard = await box.as('guard');
    const results: unknown[] = [];
    for (let i = 0; i < 30; i++) results.push(await follow(guard, `127.7.0.${i}`));
    assert.deepEqual([countOpen(results), results.at(-1)], [20, 503]);
    assert.equal(await follow(await box.as('supervisor'), '127.7.0.1'), 200);
  });

  it('from one address leave room for every other address', async () => {
    const users = await Promise.all(
      (['guard', 'supervisor', 'installer', 'administrator'] as const).map((role) => box.as(role)),
    );
    const results: unknown[] = [];
    for (const cookie of users) for (let i = 0; i < 18; i++) results.push(await follow(cookie, '127.8.0.1'));
    assert.equal(countOpen(results), 60);
    assert.equal(await follow(users[3] ?? '', '127.8.0.2'), 200);
  });

  it('that have been closed give their places back', async () => {
    const guard = await box.as('guard');
    for (let i = 0; i < 60; i++) {
      assert.equal(await follow(guard, '127.9.0.1'), 200, `stream ${i}`);
      for (const close of closing.splice(0)) close();
      while (box.incidents.listeners.size > 0) await new Promise((resolve) => setImmediate(resolve));
    }
  });
});

describe('live views', () => {
  const live = (camera = 'gate-1') => `ws://127.0.0.1:${box.port}/api/cameras/${camera}/live`;
  beforeEach(() => {
    box.cameras.source = () => new PassThrough();
  });

  it('of one user leave room for every other', async () => {
    const guard = await box.as('guard');
    const results: unknown[] = [];
    for (let i = 0; i < 30; i++) results.push(await watch(guard, '127.10.0.1', live()));
    assert.deepEqual([countOpen(results), results.at(-1)], [24, 503]);
    assert.equal(await watch(await box.as('supervisor'), '127.10.0.1', live()), 'open');
  });

  it('of many cameras by one user leave two for the others', async () => {
    const guard = await box.as('guard');
    const results: unknown[] = [];
    for (let i = 0; i < 8; i++) results.push(await watch(guard, '127.10.0.1', live(`cam-${i}`)));
    assert.equal(countOpen(results), 6);
    assert.equal(await watch(guard, '127.10.0.1', live('cam-0')), 'open', 'one that runs takes more viewers');
    assert.equal(await watch(await box.as('supervisor'), '127.10.0.1', live('cam-7')), 'open');
  });
});

describe('flow editors', () => {
  it('of one user leave room for every other', async () => {
    const url = `${box.editorOrigin.replace('http', 'ws')}/flows/comms`;
    const installer = await box.enterEditor(await box.as('installer'));
    const results: unknown[] = [];
    for (let i = 0; i < 12; i++) results.push(await watch(installer, '127.11.0.1', url));
    assert.deepEqual([countOpen(results), results.at(-1)], [8, 503]);
    assert.equal(
      await watch(await box.enterEditor(await box.as('administrator')), '127.11.0.1', url),
      'open',
    );
  });
});

describe('what counts as one peer', () => {
  it('is an IPv4 address, however it is written, and the network of an IPv6 address', () => {
    assert.equal(addressOf({ remoteAddress: '::ffff:10.0.0.5' }), '10.0.0.5');
    assert.equal(addressOf({ remoteAddress: 'fe80::1' }), 'fe80::1');
    for (const address of ['10.0.0.5', 'unknown']) assert.equal(peerOf(address), address);
    for (const address of ['2001:db8:0:1::1', '2001:0db8:0000:0001:ffff::', '2001:db8:0:1:0:0:0:9%eth0'])
      assert.equal(peerOf(address), '2001:db8:0:1::/64', address);
    assert.equal(peerOf('::1'), '0:0:0:0::/64');
    assert.notEqual(peerOf('2001:db8:0:2::1'), peerOf('2001:db8:0:1::1'));
  });
});
