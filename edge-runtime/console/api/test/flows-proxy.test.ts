import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingHttpHeaders, Server } from 'node:http';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { closeServer } from '@gatehouse/kit';
import WebSocket, { WebSocketServer } from 'ws';
import { hashToken } from '../auth/secrets.ts';
import type { Harness } from './harness.ts';
import { startConsole } from './harness.ts';

interface Seen {
  url: string;
  method: string;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('the way to the flow editor', () => {
  const dir = mkdtempSync(join(tmpdir(), 'gh-proxy-'));
  const socketPath = join(dir, 'api.sock');
  const seen: Seen[] = [];
  let editor: Server;
  let sockets: WebSocketServer;
  let box: Harness;
  let installer: string;

  before(async () => {
    editor = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { url = '', method = '', headers } = request;
      seen.push({ url, method, headers, body: Buffer.concat(chunks).toString() });
      response.setHeader('set-cookie', 'gatehouse_session=stolen');
      response.setHeader('content-security-policy', "script-src 'none'");
      response.end(`editor saw ${url}`);
    });
    sockets = new WebSocketServer({ server: editor });
    sockets.on('connection', (socket, request) => {
      seen.push({ url: request.url ?? '', method: 'WS', headers: request.headers, body: '' });
      socket.on('message', (data) => socket.send(`echo ${data}`));
    });
    editor.listen(socketPath);
    await once(editor, 'listening');
    box = await startConsole({ editorSocket: socketPath });
    installer = await box.as('installer');
  });
  beforeEach(() => {
    seen.length = 0;
  });
  after(async () => {
    await box.stop();
    await closeServer(editor);
    rmSync(dir, { recursive: true });
  });

  it('passes an installer on, with an editor token in place of the login', async () => {
    const { status, text, headers } = await box.call('POST', '/flows/flows?x=1', {
      cookie: `theme=dark; ${installer}`,
      body: { flows: [] },
      headers: { 'x-gatehouse-editor': 'forged', authorization: 'Bearer forged' },
    });
    assert.equal(status, 200);
    assert.equal(text, 'editor saw /flows/flows?x=1');
    const [request] = seen;
    assert.equal(request?.body, '{"flows":[]}');
    assert.equal(request?.headers.cookie, undefined);
    assert.equal(request?.headers.authorization, undefined);
    const token = String(request?.headers['x-gatehouse-editor']);
    assert.notEqual(token, 'forged');
    assert.deepEqual(await box.console.verifyEditorToken(token), { user: 'installer', role: 'installer' });
    assert.equal(headers.get('set-cookie'), null, 'the editor may not replace the login cookie');
    assert.match(headers.get('content-security-policy') ?? '', /'unsafe-eval'/);
  });

  it('refuses guards and strangers before anything reaches the editor', async () => {
    const paths = ['/flows', '/flows/', '/flows/flows', '/flows?a', '/flows/comms', '/flows/..%2fapi'];
    for (const path of paths) {
      assert.equal((await box.call('GET', path, { cookie: await box.as('guard') })).status, 403, path);
      assert.equal(
        (await box.call('GET', path, { headers: { 'x-gatehouse-editor': 'x' } })).status,
        401,
        path,
      );
    }
    const page = await box.call('GET', '/flows', { headers: { accept: 'text/html' } });
    assert.equal(page.status, 303);
    assert.equal(page.headers.get('location'), '/');
    assert.equal(seen.length, 0);
  });

  it('leads nowhere else however the path is written', async () => {
    for (const path of ['/flowsx', '/FLOWS', '//flows', '/x/../flowsx', '/%66lows'])
      assert.equal((await box.call('GET', path, { cookie: installer })).status, 404, path);
    assert.equal(seen.length, 0);
  });

  it('relaxes the content policy there and only there', async () => {
    const elsewhere = await box.call('GET', '/api/session', { cookie: installer });
    assert.doesNotMatch(elsewhere.headers.get('content-security-policy') ?? '', /unsafe-eval/);
  });

  it('passes the editor socket on in both directions', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${box.port}/flows/comms`, {
      headers: { cookie: installer, 'x-gatehouse-editor': 'forged', origin: box.origin },
    });
    await once(socket, 'open');
    socket.send('hello');
    const [data] = await once(socket, 'message');
    assert.equal(String(data), 'echo hello');
    const [request] = seen;
    assert.equal(request?.headers.cookie, undefined);
    const token = String(request?.headers['x-gatehouse-editor']);
    assert.equal((await box.console.verifyEditorToken(token))?.user, 'installer');
    socket.terminate();
  });

  it('refuses the editor socket to guards and strangers', async () => {
    for (const [headers, status] of [
      [{ cookie: await box.as('guard') }, 403],
      [{}, 401],
    ] as const) {
      const socket = new WebSocket(`ws://127.0.0.1:${box.port}/flows/comms`, { headers });
      socket.on('error', () => undefined);
      const [, response] = await once(socket, 'unexpected-response');
      assert.equal(response.statusCode, status);
      response.resume();
      socket.terminate();
    }
    assert.equal(seen.length, 0);
  });

  it('closes the editor socket with the log-out, on both sides, and ends the token', async () => {
    const cookie = await box.as('installer');
    const socket = new WebSocket(`ws://127.0.0.1:${box.port}/flows/comms`, { headers: { cookie } });
    await once(socket, 'open');
    const token = String(seen[0]?.headers['x-gatehouse-editor']);
    const closed = Promise.all([
      once(socket, 'close'),
      ...[...sockets.clients].map((client) => once(client, 'close')),
    ]);
    await box.call('POST', '/api/logout', { cookie, body: {} });
    assert.equal(await box.console.verifyEditorToken(token), undefined);
    await closed;
  });

  it('closes the editor socket within 15 s of a login that ran out', async () => {
    const cookie = await box.as('installer');
    const socket = new WebSocket(`ws://127.0.0.1:${box.port}/flows/comms`, { headers: { cookie } });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    box.users.removeSession(hashToken(cookie.split('=')[1] ?? ''));
    await box.clock.advance(15_000);
    await closed;
  });

  it('lets tokens expire and knows no others', async () => {
    await box.call('GET', '/flows/', { cookie: installer });
    const token = String(seen[0]?.headers['x-gatehouse-editor']);
    assert.equal(await box.console.verifyEditorToken(`${token}x`), undefined);
    await box.clock.advance(10 * 60_000);
    assert.equal(await box.console.verifyEditorToken(token), undefined);
    await box.call('GET', '/flows/', { cookie: installer });
    assert.notEqual(String(seen[1]?.headers['x-gatehouse-editor']), token);
  });

  it('says so in one line when the editor is down', async () => {
    const lonely = await startConsole({ editorSocket: join(dir, 'none.sock') });
    after(() => lonely.stop());
    const cookie = await lonely.as('installer');
    const answer = await lonely.call('GET', '/flows/', { cookie });
    assert.equal(answer.status, 502);
    assert.equal((answer.body.error as { code: string }).code, 'EDITOR_DOWN');
    const socket = new WebSocket(`ws://127.0.0.1:${lonely.port}/flows/comms`, { headers: { cookie } });
    await assert.rejects(once(socket, 'open'), /socket hang up/);
  });
});
