import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import { type Harness, startConsole } from './harness.ts';

/** The address of each peer is one of loopback's 16 million. */
describe('connections', () => {
  let box: Harness;
  let guard: string;
  const sockets: Socket[] = [];
  before(async () => {
    box = await startConsole();
    guard = await box.as('guard');
  });
  afterEach(async () => {
    await Promise.all(
      sockets.splice(0).map((socket) => {
        const closed = socket.closed ? undefined : once(socket, 'close');
        socket.destroy();
        return closed;
      }),
    );
  });
  after(() => box.stop());

  /** Opens a connection, begins a request and never completes it. */
  async function halfOpen(localAddress: string, port = box.port): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', localAddress });
    socket.on('error', () => undefined);
    sockets.push(socket);
    await once(socket, 'connect');
    socket.write('GET /api/health HTTP/1.1\r\nhost: 127.0.0.1\r\n');
    return socket;
  }

  /** Waits until no more than so many are open: a client notices a close a little later. */
  async function stillOpen(most: number): Promise<void> {
    while (sockets.filter(({ closed }) => !closed).length > most)
      await new Promise((resolve) => setImmediate(resolve));
  }

  function ask(
    localAddress: string,
    path = '/api/health',
    headers: Record<string, string> = {},
  ): Promise<number> {
    return new Promise((resolve, reject) => {
      const call = get(
        { port: box.port, host: '127.0.0.1', localAddress, path, headers, agent: false },
        (response) => {
          response.resume();
          response.once('end', () => resolve(response.statusCode ?? 0));
        },
      );
      call.once('error', reject);
    });
  }

  it('that are half open, from one address, keep nobody out: not others, and not a guard at the same address', async () => {
    for (let i = 0; i < 40; i++) await halfOpen('127.1.0.1');
    assert.equal(await ask('127.1.0.2'), 200);
    assert.equal(await ask('127.1.0.1', '/api/site', { cookie: guard }), 200);
    await stillOpen(32);
  });

  it('that are half open from hundreds of addresses keep nobody out', async () => {
    for (let i = 0; i < 1_000; i++) await halfOpen(`127.2.${i >> 8}.${i & 255}`);
    assert.equal(await ask('127.3.0.1'), 200);
    assert.equal(await ask('127.3.0.2', '/api/site', { cookie: guard }), 200);
  });

  it('that a guard works on are not the ones that make room', async () => {
    const stream = await box.open('/api/events', { cookie: guard });
    await once(stream, 'data');
    for (let i = 0; i < 1_000; i++) await halfOpen(`127.4.${i >> 8}.${i & 255}`);
    assert.equal(await ask('127.3.0.1'), 200);
    assert.equal(stream.destroyed, false);
    stream.destroy();
  });

  it('of one user are bounded, and other users find room', async () => {
    const kept: Socket[] = [];
    const statusOn = async (socket: Socket, cookie: string) => {
      socket.write(`GET /api/site HTTP/1.1\r\nhost: 127.0.0.1\r\ncookie: ${cookie}\r\n\r\n`);
      const [text] = await once(socket, 'data');
      return /^HTTP\/1\.1 (\d+)/.exec(String(text))?.[1];
    };
    const open = async () => {
      const socket = connect({ port: box.port, host: '127.0.0.1', localAddress: '127.5.0.1' });
      sockets.push(socket);
      await once(socket, 'connect');
      return socket;
    };
    for (let i = 0; i < 64; i++) {
      const socket = await open();
      assert.equal(await statusOn(socket, guard), '200');
      kept.push(socket);
    }
    assert.equal(await statusOn(await open(), guard), '503');
    assert.equal(await statusOn(await open(), await box.as('supervisor')), '200');
    const [first] = kept;
    assert.ok(first);
    assert.equal(await statusOn(first, guard), '200', 'what is open goes on');
  });

  it('to the flow editor are counted together with those to the console', async () => {
    const port = Number(new URL(box.editorOrigin).port);
    for (let i = 0; i < 40; i++) await halfOpen('127.6.0.1', port);
    await stillOpen(32);
    assert.equal(await ask('127.6.0.1'), 200);
  });
});

describe('a port that is taken', () => {
  it('is named with the variable that sets it', async () => {
    const box = await startConsole();
    after(() => box.stop());
    const taken = async (overrides: object) => {
      await assert.rejects(startConsole({ overrides: overrides as never }), (error) => {
        assert.ok(error instanceof GatehouseError);
        assert.equal(error.code, 'CONSOLE_PORT_TAKEN');
        assert.match(error.remedy, 'port' in overrides ? /GATEHOUSE_CONSOLE_PORT/ : /GATEHOUSE_EDITOR_PORT/);
        return true;
      });
    };
    await taken({ port: box.port });
    await taken({ editorPort: box.port });
  });
});
