import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { Harness } from './harness.ts';
import { startConsole } from './harness.ts';

describe('a client that is no browser', () => {
  let box: Harness;
  const logged: string[] = [];
  before(async () => {
    box = await startConsole({
      overrides: { log: recordingLog(logged) },
    });
  });
  after(() => box.stop());

  /**
   * Sends bytes and keeps its own side open, as a hostile client would; resolves with the first line of the
   * answer.
   */
  async function send(text: string): Promise<{ socket: Socket; status: string }> {
    const socket = connect({ port: box.port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setEncoding('utf8');
    socket.write(text);
    const [answer] = (await once(socket, 'data')) as [string];
    return { socket, status: answer.split('\r\n')[0] ?? '' };
  }

  it('cannot keep a connection by leaving its side open after its upgrade was refused', async () => {
    const { socket, status } = await send(
      `GET /api/cameras/gate-1/live HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    );
    assert.match(status, /401/);
    if (!socket.readableEnded) await once(socket, 'end');
    // Only a peer that has closed the connection answers a write with a reset.
    let failure: NodeJS.ErrnoException | undefined;
    socket.once('error', (error) => {
      failure = error;
    });
    for (let i = 0; i < 20 && !failure; i++) {
      socket.write('still here');
      await box.call('GET', '/api/health');
    }
    socket.destroy();
    assert.match(failure?.code ?? 'held open', /ECONNRESET|EPIPE/);
  });

  it('gets a 404 for an address that does not decode, and nothing is logged as a failure of the box', async () => {
    for (const path of ['/api/incidents/%ff', '/api/incidents/%', '/api/cameras/%c0%af/still', '/assets/%ff'])
      assert.equal((await box.call('GET', path)).status, 404, path);
    assert.deepEqual(logged, []);
  });

  it('reaches nothing through absolute-form addresses, other methods or upgrades of other paths', async () => {
    const host = 'host: 127.0.0.1\r\nconnection: close\r\n';
    for (const [request, expected] of [
      [`GET http://127.0.0.1/flows/settings HTTP/1.1\r\n${host}`, 404],
      [`GET http://127.0.0.1/api/users HTTP/1.1\r\n${host}`, 401],
      [`GET http://evil.example/api/users HTTP/1.1\r\n${host}`, 401],
      [`OPTIONS * HTTP/1.1\r\n${host}`, 404],
      [`TRACE /flows HTTP/1.1\r\n${host}`, 404],
      [`GET /flows/comms HTTP/1.1\r\n${host}`, 404],
      [`GET /api/users HTTP/1.1\r\n${host.replace('close', 'upgrade')}upgrade: h2c\r\n`, 401],
      [`GET /flows/comms HTTP/1.1\r\n${host.replace('close', 'upgrade')}upgrade: h2c\r\n`, 401],
      [`GET /api/../api/users HTTP/1.1\r\n${host}`, 400],
      [`GET /assets/%2e%2e/index.html HTTP/1.1\r\n${host}`, 400],
      [`GET /api/session HTTP/1.0\r\nconnection: close\r\n`, 421],
      [`GET /flows/ HTTP/1.1\r\n${host}content-length: 1\r\ntransfer-encoding: chunked\r\n`, 400],
    ] as const) {
      const { socket, status } = await send(`${request}\r\n`);
      assert.match(status, new RegExp(` ${expected} `), request);
      socket.destroy();
    }
  });
});

function recordingLog(lines: string[]) {
  const keep = (event: string) => void lines.push(event);
  const log = { debug: () => undefined, info: () => undefined, warn: keep, error: keep, with: () => log };
  return log;
}
