import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { GatehouseError, ManualClock, silentLog } from '@gatehouse/kit';
import { incident } from '../../../test/support/events.ts';
import { noisyJpeg, startMediaServer } from '../../../test/support/media.ts';
import { publishedFile } from '../../../test/support/published.ts';
import { received, receivedAt } from '../../../test/support/received.ts';
import { openReader } from '../../reader.ts';
import { SqliteReceiverStore } from '../../sqlite-store.ts';
import { Texts } from '../locale.ts';
import { ReceiverPage } from '../page.ts';
import { renderPage } from '../view.ts';

const token = 'a-token-of-more-than-24-characters';

async function serve(t: TestContext, options: { host?: string; token?: string } = {}) {
  const db = join(scratchFolder(t), 'receiver.db');
  const store = SqliteReceiverStore.open(db);
  await store.apply(
    [received(1), received(3), received(2, { box: 'box-2', settled: 1 }, incident(9))],
    receivedAt,
  );
  await store.refuse('malformed', receivedAt, 7);
  await store.close();
  const clock = new ManualClock(Date.parse(receivedAt) + 7_200_000);
  const page = new ReceiverPage({
    host: options.host ?? '127.0.0.1',
    port: 0,
    token: options.token,
    reader: openReader(db),
    clock,
    log: silentLog,
  });
  await page.start();
  t.after(() => page.stop());
  return (path: string, headers: Record<string, string> = {}) =>
    new Promise<{ status: number | undefined; body: string; type: string | undefined }>((resolve, reject) => {
      const sent = request(
        { host: '127.0.0.1', port: page.port, path, headers, agent: false },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (chunk) => {
            body += chunk;
          });
          response.on('end', () =>
            resolve({ status: response.statusCode, body, type: response.headers['content-type'] }),
          );
        },
      );
      sent.once('error', reject).end();
    });
}

test('the page shows boxes, incidents, gaps and refusals in the asked language', async (t) => {
  const get = await serve(t);
  const chinese = await get('/');
  assert.equal(chinese.status, 200);
  for (const text of [
    '门岗接收端',
    'box-1',
    'box-2',
    '违停',
    '超过 1 小时无消息',
    '主机不再发送',
    '格式错误',
  ])
    assert.ok(chinese.body.includes(text), text);
  const english = await get('/', { 'accept-language': 'en-GB,en;q=0.9' });
  for (const text of [
    'Gatehouse receiver',
    'Illegal parking',
    'silent for over 1 h',
    'the box will not send them',
    'malformed',
  ])
    assert.ok(english.body.includes(text), text);
});

test('each list is JSON; an unknown one or an unbounded limit is refused', async (t) => {
  const get = await serve(t);
  const boxes = JSON.parse((await get('/api/boxes')).body);
  assert.deepEqual(
    boxes.map(({ box, behind, missing }: Record<string, unknown>) => [box, behind, missing]),
    [
      ['box-1', 2, 0],
      ['box-2', 0, 1],
    ],
  );
  for (const path of ['/api/passwords', '/api/events?limit=1000000', '/api/events?limit=-1', '/nothing'])
    assert.equal((await get(path)).status, 404, path);
});

test('without a login it answers to local names only, so that no foreign page reaches it by a rebound name', async (t) => {
  const get = await serve(t);
  assert.equal((await get('/', { host: 'rebound.example' })).status, 403);
  assert.equal((await get('/', { host: 'localhost:8090' })).status, 200);
});

test('with a token nothing is shown without it', async (t) => {
  const get = await serve(t, { token });
  const basic = (password: string) => ({
    authorization: `Basic ${Buffer.from(`platform:${password}`).toString('base64')}`,
  });
  for (const path of ['/', '/api/events']) {
    assert.equal((await get(path)).status, 401);
    assert.equal((await get(path, basic(`${token}x`))).status, 401);
    assert.equal((await get(path, basic(token))).status, 200);
  }
});

test('for others than this machine a token is needed, and not a short one', () => {
  const reader = { list: async () => [], close: async () => undefined };
  const make = (host: string, secret?: string) =>
    new ReceiverPage({ host, port: 0, token: secret, reader, clock: new ManualClock(0), log: silentLog });
  for (const secret of [undefined, 'short'])
    assert.throws(
      () => make('0.0.0.0', secret),
      (error) => error instanceof GatehouseError && error.code === 'RECEIVER_SETTINGS',
    );
  assert.ok(make('0.0.0.0', token));
});

test('what a box wrote is text, never markup, and a code of a newer box stands for itself', () => {
  const markup = '<img src=x onerror=alert(1)>';
  const row = {
    box: markup,
    kind: 'constructor',
    phase: 'opened',
    updatedAt: receivedAt,
    zone: `"'${markup}`,
  };
  const picture = { box: markup, time: receivedAt, data: { state: 'stored', media: markup, sha256: '../x' } };
  const audit = [
    { box: markup, kind: 'forked', record: 4, againstRecord: 4, foundAt: receivedAt, lastAt: receivedAt },
  ];
  const lists = { boxes: [], incidents: [row], media: [picture], gaps: [], audit, refused: [] };
  const { text } = renderPage(new Texts('en'), lists, 0);
  assert.ok(!text.includes('<img') && text.includes('&#60;img') && text.includes('>constructor<'));
  assert.ok(text.includes('the log was rewritten'));
});

test('the page shows a picture that is here, with its incident, and in words why another never came', async (t) => {
  const { url: media, pictures } = await startMediaServer(t);
  const jpeg = await noisyJpeg(1, 64);
  const sha256 = createHash('sha256').update(jpeg).digest('hex');
  const put = await fetch(`${media}/box-1/${sha256}`, {
    method: 'PUT',
    headers: { 'content-type': 'image/jpeg' },
    body: Uint8Array.from(jpeg),
  });
  assert.equal(put.status, 201);
  const example = publishedFile('examples/gatehouse.media.v1.json');
  const data = { ...(example.data as object), sha256, url: `https://m.example/box-1/${sha256}` };
  const { media: id, incident: about } = example.data as { media: string; incident: string };
  const withheld = { state: 'withheld', media: id, incident: about, reason: 'no-face-model' };
  const list = async (name: string) =>
    name === 'media' ? [data, withheld].map((one) => ({ box: 'box-1', time: receivedAt, data: one })) : [];
  const page = new ReceiverPage({
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    pictures,
    log: silentLog,
    reader: { list, close: async () => undefined },
    clock: new ManualClock(Date.parse(receivedAt)),
  });
  await page.start();
  t.after(() => page.stop());
  const url = `http://127.0.0.1:${page.port}`;
  const text = await (await fetch(`${url}/?lang=en`)).text();
  assert.ok(text.includes(`src="/media/box-1/${sha256}"`) && text.includes(about));
  assert.ok(text.includes('stays on the box: no face model'));
  const picture = await fetch(`${url}/media/box-1/${sha256}`);
  assert.equal(picture.headers.get('content-type'), 'image/jpeg');
  assert.ok(Buffer.from(await picture.arrayBuffer()).equals(jpeg));
  for (const path of [`box-1/${'0'.repeat(64)}`, 'box-1/x'])
    assert.equal((await fetch(`${url}/media/${path}`)).status, 404, path);
  assert.equal((await fetch(`${url}/media/..%2f..%2fetc/${sha256}`)).status, 400);
});

test('both languages have the same texts', () => {
  const keys = (value: object): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === 'object' && inner !== null ? keys(inner).map((k) => `${key}.${k}`) : [key],
    );
  const load = (language: 'en' | 'zh-CN') => keys(Texts.load(language)).sort();
  assert.deepEqual(load('en'), load('zh-CN'));
});
