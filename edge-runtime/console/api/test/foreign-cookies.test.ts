import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Cookies } from '../cookies.ts';
import type { Answered, Harness } from './harness.ts';
import { pageKeyIn, password, startConsole } from './harness.ts';

const code = (answer: Answered) => (answer.body.error as { code: string } | undefined)?.code;

/** Cookies that a script of the flow editor's origin can set for the whole host. */
describe('cookies that another port of the host has set', () => {
  let box: Harness;
  let admin: string;
  let attacker: string;
  before(async () => {
    box = await startConsole({ overrides: { hostNames: ['gatehouse.lan'] } });
    admin = await box.as('administrator');
    attacker = await box.as('installer');
  });
  after(() => box.stop());

  it('beside ours are refused whatever their order, and taken away', async () => {
    for (const cookie of [
      `${attacker}; ${admin}`,
      `${admin}; ${attacker}`,
      `${admin}; ${admin}`,
      `${admin}; gatehouse_session=`,
    ])
      for (const path of ['/api/session', '/api/incidents', '/api/cameras/gate-1/still']) {
        const answer = await box.call('GET', path, { cookie, headers: pageKeyIn(admin) });
        assert.deepEqual([answer.status, code(answer)], [400, 'COOKIES_MIXED'], path);
        const removed = answer.headers.getSetCookie();
        assert.ok(removed.includes(`gatehouse_session=; Path=/api; Max-Age=0`), removed.join('\n'));
        assert.ok(removed.includes(`=; Path=/; Max-Age=0`), 'a nameless one');
        assert.ok(
          !removed.some((header) => header.startsWith('gatehouse_session=; Path=/; Max-Age=0')),
          'ours stays',
        );
      }
  });

  it('are taken away under a name of the host, too, where they can have one', () => {
    const cookies = new Cookies(false);
    const removed = (host: string) =>
      cookies.removeForeign({ headers: { host }, url: '/api/session?x=1' } as never, 'session').join('\n');
    assert.match(
      removed('gatehouse.lan:8080'),
      /gatehouse_session=; Path=\/; Max-Age=0; Domain=gatehouse\.lan$/m,
    );
    for (const host of ['127.0.0.1:8080', 'localhost:8080', '[::1]:8080'])
      assert.doesNotMatch(removed(host), /Domain/, host);
    assert.ok(removed('a.b').split('\n').length < 30);
    assert.ok(removed('a.b').includes('Path=/api/session/;'));
  });

  it('in place of ours do nothing under a name that is not the page’s', async () => {
    const headers = pageKeyIn(admin);
    const change = await box.call('POST', '/api/devices/barrier-1/requests', {
      cookie: attacker,
      headers,
      body: { action: 'open' },
    });
    assert.deepEqual([change.status, code(change)], [403, 'PAGE_KEY_WRONG']);
    assert.deepEqual(box.devices.requests, []);
    const session = await box.call('GET', '/api/session', { cookie: attacker, headers });
    assert.deepEqual(session.body, { setupNeeded: false }, 'the page is nobody’s');
  });

  it('do not keep anybody from logging in', async () => {
    const answer = await box.call('POST', '/api/login', {
      cookie: `${attacker}; ${admin}`,
      body: { user: 'administrator', password },
    });
    assert.equal(answer.status, 200);
    const set = answer.headers.getSetCookie();
    assert.ok(set.includes('gatehouse_session=; Path=/api/login; Max-Age=0'));
    assert.match(set.at(-2) ?? '', /^gatehouse_session=[\w-]{43}; HttpOnly/);
  });

  it('are refused by browsers over HTTPS, where ours have a prefix', () => {
    const cookies = new Cookies(true);
    assert.equal(
      cookies.set('session', 'x', 9),
      '__Host-gatehouse_session=x; HttpOnly; SameSite=Strict; Path=/; Max-Age=9; Secure',
    );
    const request = { headers: { cookie: 'gatehouse_session=a; __Host-gatehouse_session=b' } } as never;
    assert.deepEqual(cookies.read(request, 'session'), { is: 'one', value: 'b' });
  });
});

describe('the key of a page', () => {
  let box: Harness;
  before(async () => {
    box = await startConsole();
  });
  after(() => box.stop());

  it('is handed out at log-in, another for each, and says nothing of the cookie', async () => {
    await box.as('guard');
    const logIn = () => box.call('POST', '/api/login', { body: { user: 'guard', password } });
    const [one, two] = [await logIn(), await logIn()];
    assert.match(String(one.body.pageKey), /^[\w-]{43}$/);
    assert.notEqual(one.body.pageKey, two.body.pageKey);
    assert.ok(!one.headers.getSetCookie().join().includes(String(one.body.pageKey)));
  });

  it('is needed by every change, besides the cookie, and by no look', async () => {
    const cookie = await box.as('guard');
    for (const headers of [{ 'x-gatehouse-key': '' }, { 'x-gatehouse-key': 'A'.repeat(43) }]) {
      const answer = await box.call('POST', '/api/logout', { cookie, body: {}, headers });
      assert.equal(code(answer), 'PAGE_KEY_WRONG');
      assert.equal((await box.call('GET', '/api/incidents', { cookie, headers })).status, 200);
    }
    assert.equal((await box.call('POST', '/api/logout', { cookie, body: {} })).status, 200);
  });
});
