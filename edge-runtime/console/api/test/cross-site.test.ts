import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import type { Harness } from './harness.ts';
import { startConsole } from './harness.ts';

describe('requests that another site made a browser send', () => {
  let box: Harness;
  let cookie: string;
  before(async () => {
    box = await startConsole({ overrides: { hostNames: ['gatehouse.lan'] } });
    cookie = await box.as('guard');
  });
  after(() => box.stop());

  const acknowledge = (headers: Record<string, string>) =>
    box.call('POST', '/api/incidents/x/acknowledge', { cookie, body: {}, headers });
  const code = (answer: { body: Record<string, unknown> }) => (answer.body.error as { code: string }).code;

  it('are refused without the custom header, login included', async () => {
    assert.equal(code(await acknowledge({ 'x-gatehouse': '' })), 'CROSS_SITE_REFUSED');
    const login = await box.call('POST', '/api/login', { headers: { 'x-gatehouse': '' }, body: {} });
    assert.equal(code(login), 'CROSS_SITE_REFUSED');
  });

  it('are refused by their origin', async () => {
    for (const origin of ['http://evil.example', 'null', `https://127.0.0.1:${box.port + 1}`])
      assert.equal(code(await acknowledge({ origin })), 'CROSS_SITE_REFUSED', origin);
  });

  it('are refused by the browser telling so', async () => {
    for (const site of ['cross-site', 'same-site'])
      assert.equal(code(await acknowledge({ 'sec-fetch-site': site })), 'CROSS_SITE_REFUSED', site);
  });

  it('but the console itself passes', async () => {
    const answer = await acknowledge({ origin: box.origin, 'sec-fetch-site': 'same-origin' });
    assert.equal(code(answer), 'NOT_FOUND', 'the request passed; there is just no such incident');
  });

  it('cannot open the live view, from the flow editor’s origin neither', async () => {
    for (const origin of ['http://evil.example', box.editorOrigin])
      assert.equal(await upgradeStatus('/api/cameras/gate-1/live', { cookie, origin }), 403, origin);
  });

  it('are refused from the flow editor’s origin as from any other, looks included', async () => {
    const { editorOrigin } = box;
    assert.equal(code(await acknowledge({ origin: editorOrigin })), 'CROSS_SITE_REFUSED');
    const look = await box.call('GET', '/api/incidents', { cookie, headers: { origin: editorOrigin } });
    assert.equal(code(look), 'CROSS_SITE_REFUSED');
    const site = await box.call('GET', '/api/incidents', {
      cookie,
      headers: { 'sec-fetch-site': 'same-site' },
    });
    assert.equal(code(site), 'CROSS_SITE_REFUSED');
  });

  it('are refused in every spelling of their path', async () => {
    const headers = { cookie, origin: box.editorOrigin };
    for (const path of [
      '/api/incidents',
      '/API/incidents',
      '/api/Incidents',
      '/api/incidents/',
      '//api/incidents',
    ])
      for (const target of [path, `${box.origin}${path}`]) {
        const response = await box.open(target, headers);
        response.resume();
        assert.match(String(response.statusCode), /403|404/, target);
      }
  });

  it('may be to a page, which is nothing without what it asks for next', async () => {
    const page = await box.call('GET', '/', { headers: { 'sec-fetch-site': 'cross-site' } });
    assert.notEqual(page.status, 403);
  });

  it('install no service worker', async () => {
    for (const path of ['/', '/api/session', '/sw.js'])
      assert.equal(
        code(await box.call('GET', path, { headers: { 'service-worker': 'script' } })),
        'SERVICE_WORKER_REFUSED',
      );
  });

  it('are refused under a name that is not the box (DNS rebinding), also on GET and upgrades', async () => {
    assert.equal(await statusFor('evil.example'), 421);
    assert.equal(await statusFor(`evil.example:${box.port}`), 421);
    assert.equal(await upgradeStatus('/api/cameras/gate-1/live', { cookie, host: 'evil.example' }), 421);
  });

  it('pass under addresses, localhost and configured names', async () => {
    for (const host of ['127.0.0.1', '[::1]:8080', '192.168.1.20:8080', 'localhost:1', 'Gatehouse.LAN'])
      assert.equal(await statusFor(host), 200, host);
  });

  async function statusFor(host: string): Promise<number | undefined> {
    const response = await box.open('/api/health', { host });
    response.resume();
    return response.statusCode;
  }

  function upgradeStatus(path: string, headers: Record<string, string>): Promise<number | undefined> {
    const socket = new WebSocket(`ws://127.0.0.1:${box.port}${path}`, { headers });
    socket.on('error', () => undefined);
    return new Promise((resolve) => {
      socket.once('open', () => resolve(101));
      socket.once('unexpected-response', (_request, response) => {
        response.resume();
        resolve(response.statusCode);
        socket.terminate();
      });
    });
  }
});

describe('answers', () => {
  let box: Harness;
  before(async () => {
    box = await startConsole();
  });
  after(() => box.stop());

  it('carry a policy without inline script and no trace of what serves them', async () => {
    const { headers } = await box.call('GET', '/api/session');
    const policy = headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(policy.includes(`form-action 'self' ${box.editorOrigin};`), 'the one form that leaves it');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-powered-by'), null);
  });

  it('of health hold status and services and nothing else', async () => {
    const { body, text } = await box.call('GET', '/api/health');
    assert.deepEqual(body, {
      status: 'degraded',
      services: { runtime: { status: 'ok' }, vision: { status: 'degraded' } },
    });
    assert.doesNotMatch(text, /10\.0\.0\.7/);
  });

  it('to bodies that are too large, no JSON, or hold unknown fields name the fault', async () => {
    const huge = { user: 'a', password: 'x'.repeat(70_000) };
    assert.equal((await box.call('POST', '/api/login', { body: huge })).status, 413);
    assert.equal((await box.call('POST', '/api/login', { body: '{"user":' })).status, 400);
    const extra = await box.call('POST', '/api/login', { body: { user: 'a', password: 'b', admin: true } });
    assert.equal(extra.status, 400);
    assert.match(extra.text, /admin/);
  });

  it('to a failing port tell a stable code, no stack and no inner text', async () => {
    const cookie = await box.as('guard');
    box.incidents.list = () => {
      throw new Error('SQLITE_CORRUPT at /var/lib/gatehouse/events.db');
    };
    const answer = await box.call('GET', '/api/incidents', { cookie });
    assert.equal(answer.status, 500);
    assert.doesNotMatch(answer.text, /SQLITE|events\.db|at /);
    assert.equal((answer.body.error as { code: string }).code, 'INTERNAL');
  });
});
