import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, utimesSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { until } from '@gatehouse/harness';
import { silentLog, systemClock } from '@gatehouse/kit';
import { startMediaServer } from '../../../test/support/media.ts';
import { MediaServer } from '../media-server.ts';

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const content = Buffer.from('some bytes that stand for a picture');
const sha256 = hashOf(content);

interface Put {
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

async function put(url: string, body: Buffer, { path = `/box-1/${hashOf(body)}`, headers = {} }: Put = {}) {
  const all = { 'content-type': 'image/jpeg', ...headers };
  const response = await fetch(`${url}${path}`, { method: 'PUT', body: Uint8Array.from(body), headers: all });
  return { status: response.status, offset: response.headers.get('upload-offset') };
}

test('parts make a whole; what has another hash, place or size is refused and leaves nothing behind', async (t) => {
  const { url, folder, pictures } = await startMediaServer(t, { bounds: { pictureBytes: 100 } });
  const range = (from: number, to: number) => ({
    'content-range': `bytes ${from}-${to - 1}/${content.length}`,
  });
  const part = (from: number, to: number) =>
    put(url, content.subarray(from, to), { path: `/box-1/${sha256}`, headers: range(from, to) });
  assert.deepEqual(await part(0, 10), { status: 202, offset: '10' });
  assert.deepEqual(await part(20, 30), { status: 409, offset: '10' });
  assert.deepEqual(await part(0, 10), { status: 409, offset: '10' });
  const head = await fetch(`${url}/box-1/${sha256}`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers.get('upload-offset')], [404, '10']);
  assert.equal((await part(10, content.length)).status, 201);
  const whole = await fetch(`${url}/box-1/${sha256}`, { method: 'HEAD' });
  const digest = createHash('sha256').update(content).digest('base64');
  assert.deepEqual([whole.status, whole.headers.get('repr-digest')], [200, `sha-256=:${digest}:`]);
  assert.equal((await put(url, content)).status, 201, 'once more is the same');

  const wrong = 'b'.repeat(64);
  assert.equal((await put(url, content, { path: `/box-1/${wrong}` })).status, 422);
  assert.equal(await pictures.find('box-1', wrong), undefined);
  assert.equal((await put(url, Buffer.alloc(101))).status, 413);
  assert.equal((await put(url, content, { headers: { 'content-type': 'text/html' } })).status, 415);
  for (const bad of ['bytes 0-3/4', 'bytes 5-1/40', 'items 0-34/35', `bytes 0-34/99999999999`])
    assert.equal((await put(url, content, { headers: { 'content-range': bad } })).status, 400, bad);
  assert.deepEqual(readdirSync(join(folder, 'box-1')), [`${sha256}.jpg`]);
});

test('nothing but a box id and a hash becomes a path', async (t) => {
  const { url, folder } = await startMediaServer(t);
  for (const path of [`/..%2f..%2fetc/${sha256}`, '/box-1/..%2f..%2fpasswd'])
    assert.equal((await put(url, content, { path })).status, 400, path);
  for (const path of [
    `/%2e%2e/${sha256}`,
    `/Box-1/${sha256}`,
    `/${'b'.repeat(64)}/${sha256}`,
    `/box-1/${sha256.toUpperCase()}`,
    `/box-1/${sha256}%00`,
    `/box-1/${sha256}/more`,
    `/${sha256}`,
  ])
    assert.equal((await put(url, content, { path })).status, 404, path);
  assert.deepEqual(readdirSync(folder), []);
});

test('a hostile box is bounded in boxes, unfinished pictures and bytes', async (t) => {
  const bounds = { boxes: 2, partsOfBox: 2, totalBytes: 150, pictureBytes: 60 };
  const { url, pictures } = await startMediaServer(t, { bounds });
  const first = (box: string, n: number) =>
    put(url, Buffer.from('0123456789'), {
      path: `/${box}/${String(n).repeat(64)}`,
      headers: { 'content-range': 'bytes 0-9/40' },
    });
  assert.equal((await first('box-1', 1)).status, 202);
  assert.equal((await first('box-1', 2)).status, 202);
  assert.equal((await first('box-1', 3)).status, 202);
  assert.equal(
    await pictures.find('box-1', '1'.repeat(64)),
    undefined,
    'of a third unfinished one the oldest pays',
  );
  assert.equal((await first('box-2', 1)).status, 202);
  assert.equal((await first('box-3', 1)).status, 507, 'a third box');
  for (const n of [1, 2]) assert.equal((await put(url, Buffer.alloc(50, n))).status, 201);
  assert.equal((await put(url, Buffer.alloc(50, 3))).status, 507, 'more bytes than there is room for');
});

test('a connection that is cut leaves what came, and the box hears how much that is', async (t) => {
  const { url, port, pictures } = await startMediaServer(t);
  const socket = connect(port, '127.0.0.1');
  const head = `PUT /box-1/${sha256} HTTP/1.1\r\nHost: x\r\nContent-Type: image/jpeg\r\nContent-Length: ${content.length}\r\nContent-Range: bytes 0-${content.length - 1}/${content.length}\r\n\r\n`;
  socket.end(head + content.subarray(0, 7).toString('latin1'));
  await until('seven bytes', async () => (await pictures.find('box-1', sha256))?.bytes === 7);
  const rest = () =>
    put(url, content.subarray(7), {
      path: `/box-1/${sha256}`,
      headers: { 'content-range': `bytes 7-${content.length - 1}/${content.length}` },
    });
  await until('the rest', async () => (await rest()).status === 201);
  assert.equal((await pictures.find('box-1', sha256))?.whole, true);
});

test('without the token nothing is read or written; a server that others can reach does not start without one', async (t) => {
  const token = 'a-token-of-24-characters';
  const { url, folder, pictures } = await startMediaServer(t, { token });
  assert.equal((await put(url, content)).status, 401);
  assert.equal((await put(url, content, { headers: { authorization: 'Bearer wrong' } })).status, 401);
  assert.equal((await fetch(`${url}/box-1/${sha256}`, { method: 'HEAD' })).status, 401);
  assert.deepEqual(readdirSync(folder), []);
  assert.equal((await put(url, content, { headers: { authorization: `Bearer ${token}` } })).status, 201);
  const open = { clock: systemClock, log: silentLog, port: 0, pictures };
  assert.throws(() => new MediaServer({ ...open, host: '0.0.0.0', token: undefined }), {
    code: 'RECEIVER_SETTINGS',
  });
  assert.throws(() => new MediaServer({ ...open, host: '0.0.0.0', token: 'short' }), {
    code: 'RECEIVER_SETTINGS',
  });
});

test('pictures go after their term, unfinished ones sooner', async (t) => {
  const { url, folder, pictures } = await startMediaServer(t);
  await put(url, content);
  await put(url, content.subarray(0, 5), {
    path: `/box-1/${'c'.repeat(64)}`,
    headers: { 'content-range': 'bytes 0-4/40' },
  });
  const names = () => readdirSync(join(folder, 'box-1'));
  const age = (days: number) => {
    const at = new Date(Date.now() - days * 86_400_000);
    for (const name of names()) utimesSync(join(folder, 'box-1', name), at, at);
  };
  age(3);
  await pictures.sweep();
  assert.deepEqual(names(), [`${sha256}.jpg`]);
  age(31);
  await pictures.sweep();
  assert.deepEqual(names(), []);
});
