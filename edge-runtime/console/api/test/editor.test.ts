import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import WebSocket from 'ws';
import { hashToken } from '../auth/secrets.ts';
import { startFakeEditor } from './fake-editor.ts';
import type { Answered, Asked, Harness } from './harness.ts';
import { startConsole } from './harness.ts';

const code = (answer: Answered) => (answer.body.error as { code: string } | undefined)?.code;

describe('the flow editor on an origin of its own', () => {
  let node: Awaited<ReturnType<typeof startFakeEditor>>;
  let box: Harness;
  let installer: string;
  let editor: string;

  before(async () => {
    node = await startFakeEditor();
    box = await startConsole({ editorSocket: node.socketPath });
    installer = await box.as('installer');
    editor = await box.enterEditor(installer);
  });
  beforeEach(() => {
    node.seen.length = 0;
    box.flowsAudit.deploys.length = 0;
  });
  after(async () => {
    await box.stop();
    await node.stop();
  });

  const ask = (method: string, path: string, asked: Asked = {}) =>
    box.call(method, path, { cookie: editor, origin: box.editorOrigin, ...asked });
  const socketTo = (headers: Record<string, string>, path = '/flows/comms') => {
    const socket = new WebSocket(box.editorOrigin.replace('http', 'ws') + path, { headers });
    socket.on('error', () => undefined);
    return socket;
  };
  const socketStatus = async (headers: Record<string, string>, path?: string) => {
    const socket = socketTo(headers, path);
    const [, response] = await once(socket, 'unexpected-response');
    response.resume();
    socket.terminate();
    return response.statusCode;
  };

  it('is another origin than the console, and neither serves the other', async () => {
    assert.notEqual(box.editorOrigin, box.origin);
    for (const path of ['/api/session', '/api/health', '/assets/x', '/users'])
      assert.equal((await ask('GET', path)).status, 404, path);
    for (const path of ['/flows/settings', '/flows/flows', '/enter'])
      assert.equal((await box.call('GET', path, { cookie: `${installer}; ${editor}` })).status, 404, path);
    assert.deepEqual(node.seen, []);
  });

  it('passes an installer on, with an editor token in place of every login', async () => {
    const { status, text, headers } = await ask('POST', '/flows/inject/1?x=1', {
      cookie: `theme=dark; ${installer}; ${editor}`,
      body: { flows: [] },
      headers: {
        'x-gatehouse-editor': 'forged',
        authorization: 'Bearer forged',
        'x-forwarded-for': '1.2.3.4',
        'node-red-deployment-type': 'full',
      },
    });
    assert.deepEqual([status, text], [200, 'editor saw /flows/inject/1?x=1']);
    const [request] = node.seen;
    assert.equal(request?.body, '{"flows":[]}');
    assert.equal(request?.headers['node-red-deployment-type'], 'full');
    for (const name of ['cookie', 'authorization', 'x-forwarded-for', 'x-gatehouse-key', 'origin'])
      assert.equal(request?.headers[name], undefined, name);
    const token = String(request?.headers['x-gatehouse-editor']);
    assert.deepEqual(await box.console.verifyEditorToken(token), { user: 'installer', role: 'installer' });
    for (const name of [
      'set-cookie',
      'clear-site-data',
      'service-worker-allowed',
      'strict-transport-security',
    ])
      assert.equal(headers.get(name), null, name);
    assert.match(
      headers.get('content-security-policy') ?? '',
      /connect-src 'self'; .*frame-ancestors 'none'/,
    );
    assert.equal(headers.get('x-frame-options'), 'DENY');
  });

  it('lets in by a ticket, which is good once, for half a minute, and from the page that asked for it', async () => {
    const ticketOf = async () =>
      String((await box.call('POST', '/api/editor/tickets', { cookie: installer, body: {} })).body.ticket);
    const enter = (ticket: string, origin: string | undefined = box.origin) =>
      fetch(`${box.editorOrigin}/enter`, {
        method: 'POST',
        headers: origin ? { origin } : {},
        body: new URLSearchParams({ ticket }),
        redirect: 'manual',
      });
    const ticket = await ticketOf();
    const entered = await enter(ticket);
    assert.deepEqual([entered.status, entered.headers.get('location')], [303, '/flows/']);
    assert.match(
      entered.headers.get('set-cookie') ?? '',
      /^gatehouse_editor=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=86400$/,
    );
    assert.equal((await enter(ticket)).status, 403, 'a second time');
    assert.equal((await enter('A'.repeat(43))).status, 403, 'one that nobody was given');
    assert.equal((await enter('')).status, 403);
    for (const origin of [box.editorOrigin, 'http://evil.example', 'null', ''])
      assert.equal((await enter(await ticketOf(), origin)).status, 403, `from ${origin}`);
    const late = await ticketOf();
    await box.clock.advance(30_001);
    assert.equal((await enter(late)).status, 403, 'too late');
    const overtaken = await ticketOf();
    assert.equal((await enter(await ticketOf())).status, 303);
    assert.equal((await enter(overtaken)).status, 403, 'a login has one ticket');
    editor = await box.enterEditor(installer);
  });

  it('gives tickets to installers and administrators alone, and to no page that lacks the key of its login', async () => {
    const ticket = (cookie: string | undefined, headers = {}) =>
      box.call('POST', '/api/editor/tickets', { cookie, body: {}, headers });
    assert.equal((await ticket(await box.as('guard'))).status, 403);
    assert.equal((await ticket(undefined)).status, 401);
    assert.equal(code(await ticket(installer, { 'x-gatehouse-key': 'A'.repeat(43) })), 'PAGE_KEY_WRONG');
  });

  it('knows neither the console’s cookie nor anybody without one', async () => {
    for (const cookie of [undefined, installer, 'gatehouse_editor=x', `gatehouse_editor=${'A'.repeat(43)}`]) {
      for (const path of ['/flows', '/flows/', '/flows/flows', '/flows?a', '/flows/comms'])
        assert.equal(
          (await ask('GET', path, { cookie, headers: { 'x-gatehouse-editor': 'x' } })).status,
          401,
          path,
        );
      assert.equal(await socketStatus(cookie ? { cookie } : {}), 401);
    }
    assert.deepEqual(node.seen, []);
  });

  it('sends who opens its page without a login to where one gets it', async () => {
    const page = await ask('GET', '/flows/', { cookie: undefined, headers: { accept: 'text/html' } });
    assert.deepEqual([page.status, page.headers.get('location')], [303, `${box.origin}/flows`]);
    const start = await ask('GET', '/', { cookie: undefined });
    assert.deepEqual([start.status, start.headers.get('location')], [303, '/flows/']);
    const form = await fetch(`${box.editorOrigin}/enter`, {
      method: 'POST',
      headers: { origin: box.origin, accept: 'text/html' },
      body: new URLSearchParams({ ticket: 'used' }),
      redirect: 'manual',
    });
    assert.equal(form.headers.get('location'), `${box.origin}/flows?error=TICKET_WRONG`);
  });

  it('leads nowhere else however the path is written', async () => {
    for (const path of ['/flowsx', '/FLOWS', '//flows', '/x/../flowsx', '/%66lows'])
      assert.equal((await ask('GET', path)).status, 404, path);
    for (const path of [
      '/flows/..%2fapi',
      '/flows/%2e%2e%2fgatehouse/flows',
      '/flows/..;x/a',
      '/flows/%252e%252e/a',
    ])
      assert.equal((await ask('GET', path)).status, 400, path);
    assert.deepEqual(node.seen, []);
  });

  it('refuses what another origin made a browser send, the console’s included', async () => {
    for (const origin of [
      box.origin,
      'http://evil.example',
      'null',
      box.editorOrigin.replace('http:', 'https:'),
    ]) {
      assert.equal(
        (await ask('POST', '/flows/flows', { body: [], headers: { origin } })).status,
        403,
        origin,
      );
      assert.equal(await socketStatus({ cookie: editor, origin }), 403, origin);
    }
    for (const site of ['same-site', 'cross-site'])
      assert.equal(
        (await ask('DELETE', '/flows/flow/1', { headers: { 'sec-fetch-site': site } })).status,
        403,
      );
    const { status } = await ask('POST', '/flows/flows', { body: [], headers: { origin: box.editorOrigin } });
    assert.equal(status, 200, 'its own page passes');
    assert.equal(await socketStatus({ cookie: editor, host: 'evil.example' }), 421);
    const rebound = await box.open('/flows/', { cookie: editor, host: 'evil.example' }, box.editorOrigin);
    rebound.resume();
    assert.equal(rebound.statusCode, 421);
  });

  it('serves no script for a service worker, and does no work for HEAD', async () => {
    assert.equal(
      code(await ask('GET', '/flows/red/sw.js', { headers: { 'service-worker': 'script' } })),
      'SERVICE_WORKER_REFUSED',
    );
    assert.equal((await ask('HEAD', '/flows/flows')).status, 405);
    assert.deepEqual(node.seen, []);
  });

  it('refuses cookies that a script has put beside its own, and takes them away', async () => {
    const mixed = `gatehouse_editor=tossed; ${editor}`;
    const answer = await ask('GET', '/flows/flows', { cookie: mixed });
    assert.equal(code(answer), 'COOKIES_MIXED');
    assert.ok(answer.headers.getSetCookie().includes('gatehouse_editor=; Path=/flows; Max-Age=0'));
  });

  it('records a deploy before it is made, with who, and its end; looks are none', async () => {
    for (const [method, path] of [
      ['GET', '/flows/flows'],
      ['POST', '/flows/inject/1'],
      ['GET', '/flows/flow/1'],
    ] as const)
      await ask(method, path, method === 'POST' ? { body: {} } : {});
    assert.deepEqual(box.flowsAudit.deploys, []);
    node.answering((request, response) => {
      assert.deepEqual(box.flowsAudit.deploys.at(-1)?.ended, false, 'recorded first');
      response.end(`done ${request.url}`);
    });
    const changes = [
      ...(['POST /flows/flows', 'POST /flows/flow', 'PUT /flows/flow/1', 'DELETE /flows/flow/1'] as const),
      // Node-RED's routes ignore case.
      ...(['POST /flows/FLOWS', 'PUT /flows/Flow/1', 'POST /flows/flows/', 'POST /flows/flows?x=/'] as const),
    ];
    for (const change of changes) {
      const [method = '', path = ''] = change.split(' ');
      assert.equal((await ask(method, path, { body: {} })).status, 200);
    }
    assert.deepEqual(
      box.flowsAudit.deploys.map(({ user, address, ended }) => [user, address, ended]),
      changes.map(() => ['installer', '127.0.0.1', true]),
    );
  });

  it('records the end of a deploy that Node-RED breaks off over', async () => {
    node.answering((_request, response) => void response.destroy());
    assert.equal((await ask('POST', '/flows/flows', { body: [] })).status, 502);
    assert.deepEqual(
      box.flowsAudit.deploys.map(({ ended }) => ended),
      [true],
    );
    node.answering((request, response) => void response.end(`editor saw ${request.url}`));
  });

  it('makes no deploy that cannot be recorded', async () => {
    const begin = box.flowsAudit.begin.bind(box.flowsAudit);
    box.flowsAudit.begin = async () => {
      throw new Error('disk full');
    };
    assert.equal((await ask('POST', '/flows/flows', { body: [] })).status, 500);
    box.flowsAudit.begin = begin;
    assert.deepEqual(node.seen, []);
  });

  it('makes one deploy at a time', async () => {
    const held: (() => void)[] = [];
    node.answering((request, response) => {
      if (request.method === 'GET') return void response.end();
      held.push(() => void response.end());
    });
    const deploys = Array.from({ length: 5 }, () => ask('POST', '/flows/flows', { body: [] }));
    for (let made = 1; made <= deploys.length; made++) {
      // Asked after the deploys and answered before them: by then each would have reached Node-RED.
      for (let i = 0; i < 5 || held.length === 0; i++) await ask('GET', '/flows/');
      assert.equal(box.flowsAudit.deploys.length, made);
      assert.equal(held.length, 1);
      held.pop()?.();
    }
    await Promise.all(deploys);
    node.answering((request, response) => void response.end(`editor saw ${request.url}`));
  });

  it('passes the editor socket on in both directions', async () => {
    const socket = socketTo({
      cookie: `${installer}; ${editor}`,
      origin: box.editorOrigin,
      'x-gatehouse-editor': 'forged',
    });
    await once(socket, 'open');
    socket.send('hello');
    const [data] = await once(socket, 'message');
    assert.equal(String(data), 'echo hello');
    const [request] = node.seen;
    assert.equal(request?.headers.cookie, undefined);
    const token = String(request?.headers['x-gatehouse-editor']);
    assert.equal((await box.console.verifyEditorToken(token))?.user, 'installer');
    socket.terminate();
  });

  it('ends with the log-out: the cookie, the socket on both sides, the token', async () => {
    const cookie = await box.as('installer');
    const own = await box.enterEditor(cookie);
    const socket = socketTo({ cookie: own });
    await once(socket, 'open');
    const token = String(node.seen[0]?.headers['x-gatehouse-editor']);
    const closed = Promise.all([
      once(socket, 'close'),
      ...[...node.sockets.clients].map((client) => once(client, 'close')),
    ]);
    await box.call('POST', '/api/logout', { cookie, body: {} });
    assert.equal(await box.console.verifyEditorToken(token), undefined);
    assert.equal((await ask('GET', '/flows/', { cookie: own })).status, 401);
    await closed;
  });

  it('ends with the next request of a login that ran out or whose role may no longer edit flows', async () => {
    const cookie = await box.as('installer');
    const [ranOut, demoted] = [
      await box.enterEditor(cookie),
      await box.enterEditor(await box.as('installer')),
    ];
    box.users.removeSession(hashToken(cookie.split('=')[1] ?? ''));
    assert.equal((await ask('GET', '/flows/', { cookie: ranOut })).status, 401);
    box.users.changeRole('installer', 'guard');
    assert.equal((await ask('GET', '/flows/', { cookie: demoted })).status, 401);
    box.users.changeRole('installer', 'installer');
    assert.equal((await ask('GET', '/flows/', { cookie: demoted })).status, 200);
  });

  it('ends within 15 s of a login that ran out', async () => {
    const cookie = await box.as('installer');
    const socket = socketTo({ cookie: await box.enterEditor(cookie) });
    await once(socket, 'open');
    const closed = once(socket, 'close');
    box.users.removeSession(hashToken(cookie.split('=')[1] ?? ''));
    await box.clock.advance(15_000);
    await closed;
  });

  it('lets tokens for Node-RED expire and knows no others', async () => {
    await ask('GET', '/flows/');
    const token = String(node.seen[0]?.headers['x-gatehouse-editor']);
    assert.equal(await box.console.verifyEditorToken(`${token}x`), undefined);
    await box.clock.advance(10 * 60_000);
    assert.equal(await box.console.verifyEditorToken(token), undefined);
    await ask('GET', '/flows/');
    assert.notEqual(String(node.seen[1]?.headers['x-gatehouse-editor']), token);
  });

  it('says so in one line when the editor is down', async () => {
    const lonely = await startConsole({ editorSocket: join(node.folder, 'none.sock') });
    after(() => lonely.stop());
    const cookie = await lonely.enterEditor(await lonely.as('installer'));
    const answer = await lonely.call('GET', '/flows/', { cookie, origin: lonely.editorOrigin });
    assert.deepEqual([answer.status, code(answer)], [502, 'EDITOR_DOWN']);
    const page = { cookie, origin: lonely.editorOrigin, headers: { accept: 'text/html' } };
    const { headers } = await lonely.call('GET', '/flows/', page);
    assert.equal(headers.get('location'), `${lonely.origin}/flows?error=EDITOR_DOWN`);
    const socket = new WebSocket(`${lonely.editorOrigin.replace('http', 'ws')}/flows/comms`, {
      headers: { cookie },
    });
    socket.on('error', () => undefined);
    const [, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, 502);
    response.resume();
  });
});
