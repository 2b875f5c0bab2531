import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { EventStreamWriter, LocalClient, LocalServer, ManualClock, silentLog } from '@gatehouse/kit';

const kit = new URL('../index.ts', import.meta.url).href;

/** A server of its own process that answers an upgrade and then writes without end; `make` builds it. */
async function upgrader(t: TestContext, make: string): Promise<{ child: ChildProcess; port: number }> {
  const program = `
    import { createServer } from 'node:http';
    import { guardedServer, silentLog } from ${JSON.stringify(kit)};
    const onRequest = (request, response) => response.end('here');
    const onUpgrade = (request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\\r\\nconnection: upgrade\\r\\nupgrade: x\\r\\n\\r\\n');
      const more = setInterval(() => socket.write('more'), 1);
      socket.once('close', () => clearInterval(more));
    };
    const server = ${make};
    server.listen(0, '127.0.0.1', () => console.log(server.address().port));`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => child.kill('SIGKILL'));
  const [port] = await once(child.stdout, 'data');
  return { child, port: Number(port) };
}

/** Upgrades, and resets the connection while the server writes. */
async function upgradeAndReset(port: number): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n');
  await once(socket, 'data');
  socket.resetAndDestroy();
  await once(socket, 'close');
}

test('a reset of an upgraded connection ends a server that Node makes, and no guarded one', async (t) => {
  const bare = await upgrader(t, "createServer(onRequest).on('upgrade', onUpgrade)");
  const died = once(bare.child, 'exit');
  await upgradeAndReset(bare.port);
  assert.notEqual((await died)[0], 0, 'the control: an unhandled error event ends the process');

  const guarded = await upgrader(
    t,
    "guardedServer({ name: 'x', log: silentLog, limits: { connections: 9, streams: 9 }, onRequest, onUpgrade })",
  );
  for (let i = 0; i < 20; i++) await upgradeAndReset(guarded.port);
  assert.equal(await (await fetch(`http://127.0.0.1:${guarded.port}/`)).text(), 'here');
  assert.equal(guarded.child.exitCode, null);
});

/** A local API with a stream at `/stream` and no answer at `/never`; it counts the requests that reach it. */
async function local(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-kit-'));
  const clock = new ManualClock();
  const seen: string[] = [];
  const serve = async (caller: string) => {
    const socket = join(folder, caller, 'api.sock');
    const server = new LocalServer({
      socket,
      log: silentLog,
      onRequest: (request, response) => {
        seen.push(`${request.method} ${request.url}`);
        if (request.url === '/stream') {
          try {
            new EventStreamWriter(response, clock).send({ event: 'hello', data: caller });
          } catch (error) {
            response.writeHead(503).end(String(error));
          }
        } else if (request.url !== '/never') response.end('{}');
      },
    });
    await server.start();
    t.after(() => server.stop());
    return { socket, client: new LocalClient('drivers', socket) };
  };
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return { runtime: await serve('runtime'), cli: await serve('cli'), seen };
}

test('a caller that leaves streams open keeps no other out, and finds room for calls itself', async (t) => {
  const { runtime, cli } = await local(t);
  const open = async () => {
    const response = await cli.client.open('GET', '/stream');
    t.after(() => response.destroy());
    return response.statusCode;
  };
  for (let i = 0; i < 24; i++) assert.equal(await open(), 200);
  for (let i = 0; i < 6; i++) await assert.rejects(open(), /answered 503/);
  assert.deepEqual(await cli.client.call('GET', '/health'), {});
  const other = await runtime.client.open('GET', '/stream');
  t.after(() => other.destroy());
  assert.equal(other.statusCode, 200);
});

test('a place is free again once its reader has gone without a word', async (t) => {
  const { cli } = await local(t);
  for (let i = 0; i < 60; i++) {
    const response = await cli.client.open('GET', '/stream');
    assert.equal(response.statusCode, 200, `stream ${i}`);
    const closed = once(response.socket, 'close');
    // With the stream's bytes unread: the kernel answers the writer's next write with a reset.
    response.socket.destroy();
    await closed;
    await cli.client.call('GET', '/health');
  }
});

test('requests sent behind one that is not answered end their connection', async (t) => {
  const { cli, seen } = await local(t);
  const socket = connect(cli.socket);
  socket.on('error', () => undefined);
  socket.write('GET /never HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(10));
  await once(socket, 'close');
  assert.equal(seen.length, 4);
});

test('HEAD does no work, and a path with a dot segment reaches no handler', async (t) => {
  const { cli, seen } = await local(t);
  const status = async (line: string) => {
    const socket: Socket = connect(cli.socket);
    socket.end(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    const [text] = await once(socket.setEncoding('utf8'), 'data');
    return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
  };
  assert.equal(await status('HEAD /stream'), '405');
  for (const path of [
    '/a/../stream',
    '/%2e%2E/stream',
    '/a\\..\\stream',
    '/a/%252e%252e/stream',
    '/..;a/stream',
  ])
    assert.equal(await status(`GET ${path}`), '400', path);
  assert.deepEqual(seen, []);
});
