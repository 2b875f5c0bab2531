import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { systemClock } from '@gatehouse/kit';
import { download, modelEntry } from '../index.ts';

const entry = { ...modelEntry(), bytes: 1000 };

async function serve(t: TestContext, handler: RequestListener): Promise<string> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/commit/model.onnx`;
}

test('the bytes come whole, through a redirect within the host', async (t) => {
  const url = await serve(t, (request, response) => {
    if (request.url?.startsWith('/commit')) response.writeHead(302, { location: '/elsewhere' }).end();
    else response.end(Buffer.alloc(1000, 7));
  });
  assert.deepEqual(Buffer.from(await download(entry, url)), Buffer.alloc(1000, 7));
});

test('a redirect to another host is not followed, and that host is named but not asked', async (t) => {
  let asked = 0;
  const other = await serve(t, (_request, response) => {
    asked++;
    response.end(Buffer.alloc(1000, 7));
  });
  const url = await serve(t, (_request, response) => response.writeHead(302, { location: other }).end());
  await assert.rejects(download(entry, url), {
    code: 'MODEL_FETCH_FAILED',
    message: new RegExp(`redirects to ${new URL(other).host}`),
  });
  assert.equal(asked, 0);
});

test('redirects without end fail', async (t) => {
  const url = await serve(t, (_request, response) => response.writeHead(302, { location: '/commit' }).end());
  await assert.rejects(download(entry, url), { message: /redirects without end/ });
});

test('what is not there, too large, cut short or silent fails with address and reason', async (t) => {
  const cases: [RegExp, RequestListener][] = [
    [/HTTP status 404/, (_request, response) => response.writeHead(404).end('no')],
    [/over 1000 bytes/, (_request, response) => response.end(Buffer.alloc(1001))],
    [
      /UND_ERR_SOCKET|terminated/,
      (_request, response) => {
        response.writeHead(200, { 'content-length': 1000 }).write(Buffer.alloc(10));
        setImmediate(() => response.destroy());
      },
    ],
    [/timeout/i, (_request, response) => response.writeHead(200).write('a')],
  ];
  for (const [reason, handler] of cases) {
    const url = await serve(t, handler);
    const patience = { answerMs: 300, wholeMs: 300 };
    const error = await download(entry, url, undefined, patience).catch((thrown) => thrown);
    assert.equal(error.code, 'MODEL_FETCH_FAILED');
    assert.match(error.message, reason);
    assert.ok(error.message.includes(url));
  }
});

test('nobody listening is told as such, and an abort ends it', async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await assert.rejects(download(entry, `http://127.0.0.1:${port}/model.onnx`), { message: /ECONNREFUSED/ });
  const url = await serve(t, () => undefined);
  await assert.rejects(download(entry, url, AbortSignal.abort()), { code: 'MODEL_FETCH_FAILED' });
});

test('a server that never answers costs no more than the wait for an answer; one that does gets its time', async (t) => {
  const patience = { answerMs: 200, wholeMs: 60_000 };
  const silent = await serve(t, () => undefined);
  await assert.rejects(download(entry, silent, undefined, patience), {
    code: 'MODEL_FETCH_FAILED',
    message: /no answer within 0\.2 s/,
  });
  const slow = await serve(t, (_request, response) => {
    response.writeHead(200).write(Buffer.alloc(500, 7));
    systemClock.after(400, () => response.end(Buffer.alloc(500, 7)));
  });
  assert.equal((await download(entry, slow, undefined, patience)).length, 1000);
});
