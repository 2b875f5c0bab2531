import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { closeServer } from '@gatehouse/harness';
import {
  EventStreamWriter,
  GatehouseError,
  LocalClient,
  listenOnSocket,
  ManualClock,
  readBounded,
  readEventStream,
  socketPath,
} from '@gatehouse/kit';

async function serve(t: TestContext, listener: RequestListener) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-kit-'));
  const path = join(folder, 'a', 'api.sock');
  const server = createServer(listener);
  await listenOnSocket(server, path);
  t.after(async () => {
    await closeServer(server);
    rmSync(folder, { recursive: true });
  });
  return { path, client: new LocalClient('drivers', path) };
}

test('bytes go up and come down as they are, with their type', async (t) => {
  const { client } = await serve(t, async (request, response) => {
    const body = await readBounded(request, 1000);
    response.end(Buffer.concat([Buffer.from(`${request.headers['content-type']} `), body]));
  });
  const raw = { type: 'image/jpeg', bytes: Uint8Array.from([0xff, 0xd8, 0x00, 0x0a]) };
  const { bytes } = await client.callRaw('POST', '/redactions', { raw });
  assert.deepEqual([...bytes], [...Buffer.from('image/jpeg '), 0xff, 0xd8, 0x00, 0x0a]);
});

test('a call sends JSON and returns JSON; the socket is for its group only', async (t) => {
  const { path, client } = await serve(t, async (request, response) => {
    const body = await readBounded(request, 1000);
    response.end(
      JSON.stringify({ method: request.method, url: request.url, body: JSON.parse(body.toString()) }),
    );
  });
  assert.deepEqual(await client.call('POST', '/commands', { body: { a: 1 } }), {
    method: 'POST',
    url: '/commands',
    body: { a: 1 },
  });
  assert.equal(statSync(path).mode & 0o777, 0o660);
});

test("a refusal carries the peer's own code and remedy", async (t) => {
  const { client } = await serve(t, (_request, response) => {
    response
      .writeHead(409)
      .end(
        JSON.stringify({ error: { code: 'LOOP_OCCUPIED', message: 'a car stands there', remedy: 'Wait.' } }),
      );
  });
  await assert.rejects(
    client.call('GET', '/'),
    (error) => error instanceof GatehouseError && error.code === 'LOOP_OCCUPIED' && error.remedy === 'Wait.',
  );
});

test('a stream that is refused is no stream: it throws the error of the peer, or says what it answered', async (t) => {
  const refusal = { error: { code: 'CAMERA_STARTING', message: 'no picture yet.', remedy: 'Wait.' } };
  const answers: readonly [number, string][] = [
    [503, JSON.stringify(refusal)],
    [404, 'no JSON'],
    [301, ''],
    [500, 'x'.repeat(70_000)],
  ];
  const { client } = await serve(t, (request, response) => {
    const [status, body] = answers[Number(request.url?.slice(1))] ?? [200, ''];
    response.writeHead(status).end(body);
  });
  await assert.rejects(client.open('GET', '/0'), { code: 'CAMERA_STARTING', fault: 'peer', remedy: 'Wait.' });
  await assert.rejects(client.open('GET', '/1'), { code: 'PEER_REFUSED', message: /answered 404 to \/1/ });
  await assert.rejects(client.open('GET', '/2'), { code: 'PEER_REFUSED', message: /answered 301/ });
  await assert.rejects(client.open('GET', '/3'), { code: 'PEER_REFUSED', message: /answered 500/ });
});

test('an answer that does not begin is waited for as long as asked, one that has begun is not cut', async (t) => {
  const { client } = await serve(t, (request, response) => {
    if (request.url === '/stream') response.writeHead(200).write('a');
  });
  const stream = await client.open('GET', '/stream', { timeoutMs: 50 });
  await assert.rejects(client.open('GET', '/hangs', { timeoutMs: 100 }), {
    code: 'PEER_DOWN',
    message: /TimeoutError/,
  });
  assert.equal(stream.destroyed, false);
  stream.destroy();
});

test('a dead peer is PEER_DOWN and names the service', async () => {
  const client = new LocalClient('drivers', '/tmp/gatehouse-no-such.sock');
  await assert.rejects(
    client.call('GET', '/health'),
    (error) => error instanceof GatehouseError && error.code === 'PEER_DOWN' && /drivers/.test(error.message),
  );
});

test("a living service's socket is not taken over, a dead one's is", async (t) => {
  const { path } = await serve(t, (_request, response) => response.end('{}'));
  await assert.rejects(listenOnSocket(createServer(), path), /another process serves/);
});

test('events arrive in order with their ids, over chunk borders', async (t) => {
  const { client } = await serve(t, (_request, response) => {
    const writer = new EventStreamWriter(response, new ManualClock());
    writer.send({ id: '1', event: 'incident', data: { text: '消防通道' } });
    writer.send({ event: 'camera', data: [1, 2] });
    writer.close();
  });
  const seen = [];
  for await (const event of readEventStream(await client.open('GET', '/events'))) seen.push(event);
  assert.deepEqual(seen, [
    { id: '1', event: 'incident', data: { text: '消防通道' } },
    { event: 'camera', data: [1, 2] },
  ]);
});

test('a stream begins with how soon a browser connects again', async (t) => {
  const { client } = await serve(t, (_request, response) =>
    new EventStreamWriter(response, new ManualClock()).close(),
  );
  const body = (await client.open('GET', '/events')).setEncoding('utf8');
  assert.match((await body.toArray()).join(''), /^retry: 250\n\n/);
});

test("a call's bound is what the client makes of it when the call begins", async (t) => {
  const { path } = await serve(t, () => undefined);
  const asked: number[] = [];
  const client = new LocalClient('drivers', path, (usualMs) => {
    asked.push(usualMs);
    return 1;
  });
  await assert.rejects(client.call('GET', '/devices'), { code: 'PEER_DOWN' });
  await assert.rejects(client.call('GET', '/devices', { timeoutMs: 60_000 }), { code: 'PEER_DOWN' });
  assert.deepEqual(asked, [5_000, 60_000]);
});

test('a body over its bound is refused instead of filling memory', async () => {
  async function* endless() {
    for (;;) yield Buffer.alloc(1024);
  }
  await assert.rejects(readBounded(endless(), 10_000), /over 10000 bytes/);
});

test("a socket path over the kernel's 108 bytes is refused with the remedy", () => {
  assert.throws(
    () => socketPath('runtime', 'cli', { GATEHOUSE_RUN_DIR: `/${'x'.repeat(100)}` }),
    /GATEHOUSE_RUN_DIR|SOCKET_PATH|over 107/,
  );
});

test('a server that is too busy to take a connection is asked again: nothing had been sent', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gh-kit-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'api.sock');
  // Its queue has room for few connections, and for half a second it takes none.
  const sleeps = join(folder, 'sleeps');
  const server = `
    const server = require('node:http').createServer((_request, response) => response.end('{}'));
    server.listen({ path: ${JSON.stringify(path)}, backlog: 1 }, () => {
      require('node:fs').writeFileSync(${JSON.stringify(sleeps)}, '');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    });`;
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'ignore', 'inherit'] });
  t.after(() => child.kill());
  while (!existsSync(sleeps)) await new Promise((resolve) => setImmediate(resolve));
  const client = new LocalClient('busy', path);
  const calls = Array.from({ length: 20 }, () => client.call('GET', '/x', { timeoutMs: 20_000 }));
  assert.deepEqual(
    await Promise.all(calls),
    Array.from({ length: 20 }, () => ({})),
  );
});
