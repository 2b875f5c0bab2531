import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { hashPassword, verifyPassword } from '../auth/passwords.ts';
import { newSetupCode } from '../auth/secrets.ts';
import type { Harness } from './harness.ts';
import { password, startConsole } from './harness.ts';

let box: Harness;
beforeEach(async () => {
  box = await startConsole();
});
afterEach(() => box.stop());

const code = (answer: { body: Record<string, unknown> }) => (answer.body.error as { code: string }).code;
const logIn = (user: string, pass: string) =>
  box.call('POST', '/api/login', { body: { user, password: pass } });

describe('first set-up', () => {
  it('creates the first administrator with the one-time code, logs in, and works only once', async () => {
    const oneTime = await box.console.setupCode();
    assert.match(oneTime ?? '', /^[2-9A-HJKMNP-Z]{4}(-[2-9A-HJKMNP-Z]{4}){2}$/);
    assert.deepEqual((await box.call('GET', '/api/session')).body, { setupNeeded: true });
    const typed = (oneTime ?? '').toLowerCase().replaceAll('-', ' ');
    const body = { code: typed, user: '张三', password };
    const done = await box.call('POST', '/api/setup', { body });
    assert.equal(done.status, 200);
    assert.deepEqual(done.body, { setupNeeded: false, user: '张三', role: 'administrator' });
    const cookie = done.headers.get('set-cookie') ?? '';
    assert.match(cookie, /^gatehouse_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=86400$/);
    assert.equal((await box.call('GET', '/api/users', { cookie: cookie.split(';')[0] })).status, 200);
    assert.equal(await box.console.setupCode(), undefined);
    assert.equal(code(await box.call('POST', '/api/setup', { body })), 'SETUP_DONE');
  });

  it('refuses a wrong code, slows guessing down, and says nothing of the right one', async () => {
    const body = { code: 'AAAA-AAAA-AAAA', user: 'mallory', password };
    for (let i = 0; i < 5; i++)
      assert.equal(code(await box.call('POST', '/api/setup', { body })), 'SETUP_CODE_WRONG');
    const locked = await box.call('POST', '/api/setup', { body });
    assert.equal(locked.status, 429);
    assert.equal(code(locked), 'LOGIN_LOCKED');
    assert.equal(box.users.countUsers(), 0);
  });

  it('gives every start another code', () => {
    const codes = new Set(Array.from({ length: 200 }, newSetupCode));
    assert.equal(codes.size, 200);
  });

  it('needs a password of 8 characters or more', async () => {
    const answer = await box.call('POST', '/api/setup', {
      body: { code: await box.console.setupCode(), user: 'a', password: '1234567' },
    });
    assert.equal(answer.status, 400);
    assert.match(JSON.stringify(answer.body), /password: /);
  });
});

describe('login', () => {
  it('opens a session that the cookie carries and log-out ends', async () => {
    await box.as('guard');
    const answer = await logIn('GUARD', password);
    assert.equal(answer.status, 200);
    const cookie = answer.headers.get('set-cookie')?.split(';')[0];
    assert.deepEqual((await box.call('GET', '/api/session', { cookie })).body, {
      setupNeeded: false,
      user: 'guard',
      role: 'guard',
    });
    const out = await box.call('POST', '/api/logout', { cookie, body: {} });
    assert.match(out.headers.get('set-cookie') ?? '', /^gatehouse_session=; .*Max-Age=0/);
    assert.equal((await box.call('GET', '/api/site', { cookie })).status, 401);
    assert.deepEqual(
      box.audit.map((record) => [record.what, record.who]),
      [
        ['login', 'guard'],
        ['logout', 'guard'],
      ],
    );
  });

  it('answers a wrong password and an unknown user alike', async () => {
    await box.as('guard');
    const wrong = await logIn('guard', 'wrong password');
    const unknown = await logIn('nobody', 'wrong password');
    assert.equal(wrong.status, 401);
    assert.deepEqual(wrong.body, unknown.body);
    assert.equal(wrong.headers.get('set-cookie'), null);
  });

  it('locks a user at an address for a growing time, the right password included', async () => {
    await box.as('guard');
    for (let i = 0; i < 5; i++) assert.equal(code(await logIn('guard', 'wrong')), 'LOGIN_FAILED');
    assert.equal(code(await logIn('guard', password)), 'LOGIN_LOCKED');
    await box.clock.advance(5_000);
    assert.equal(code(await logIn('guard', 'wrong')), 'LOGIN_FAILED');
    await box.clock.advance(9_999);
    assert.equal(code(await logIn('guard', password)), 'LOGIN_LOCKED');
    await box.clock.advance(1);
    assert.equal((await logIn('guard', password)).status, 200);
    assert.equal(code(await logIn('guard', 'wrong')), 'LOGIN_FAILED', 'a success starts the count anew');
    assert.equal((await logIn('guard', password)).status, 200);
  });

  it('does not lock another user at the same address', async () => {
    await box.as('guard');
    await box.as('supervisor');
    for (let i = 0; i < 6; i++) await logIn('guard', 'wrong');
    assert.equal((await logIn('supervisor', password)).status, 200);
  });

  it('slows down one address that tries many names', async () => {
    for (let i = 0; i < 50; i++) box.users.addFailedLogin('*@127.0.0.1', box.clock.epochMs());
    assert.equal(code(await logIn('fresh-name', 'wrong')), 'LOGIN_LOCKED');
  });
});

describe('sessions', () => {
  it('end after 12 h without a request', async () => {
    const cookie = await box.as('guard');
    await box.clock.advance(12 * 3_600_000 - 1);
    assert.equal((await box.call('GET', '/api/site', { cookie })).status, 200);
    await box.clock.advance(12 * 3_600_000 - 60_000);
    assert.equal((await box.call('GET', '/api/site', { cookie })).status, 200);
  });

  it('end 24 h after the login whatever happened', async () => {
    const cookie = await box.as('guard');
    for (let h = 0; h < 23; h++) {
      await box.clock.advance(3_600_000);
      assert.equal((await box.call('GET', '/api/site', { cookie })).status, 200);
    }
    await box.clock.advance(3_600_000);
    assert.equal((await box.call('GET', '/api/site', { cookie })).status, 401);
  });

  it('idle out', async () => {
    const cookie = await box.as('guard');
    await box.clock.advance(12 * 3_600_000);
    assert.equal((await box.call('GET', '/api/site', { cookie })).status, 401);
  });

  it('are stored without the token', async () => {
    const cookie = await box.as('guard');
    const token = cookie.split('=')[1] ?? '';
    assert.equal(box.users.findSession(token), undefined);
  });
});

describe('users', () => {
  it('an administrator creates a guard who can log in; a second of the name is refused', async () => {
    const cookie = await box.as('administrator');
    const body = { user: '王五', password: 'night shift 3', role: 'guard' };
    assert.equal((await box.call('POST', '/api/users', { cookie, body })).status, 201);
    assert.equal(code(await box.call('POST', '/api/users', { cookie, body })), 'USER_EXISTS');
    assert.equal((await logIn('王五', 'night shift 3')).body.role, 'guard');
    const list = await box.call('GET', '/api/users', { cookie });
    assert.doesNotMatch(list.text, /argon2|passwordHash/);
  });

  it('a user has a name by which the platform can be told who opened a door', async () => {
    const cookie = await box.as('administrator');
    const body = { password, role: 'guard' };
    for (const user of ['a'.repeat(33), 'two words', '-a', '😀', 'a\n']) {
      const answer = await box.call('POST', '/api/users', { cookie, body: { ...body, user } });
      assert.deepEqual([answer.status, /user: /.test(answer.text)], [400, true], user);
    }
    for (const user of ['a'.repeat(32), '王师傅', '门岗.1'])
      assert.equal(
        (await box.call('POST', '/api/users', { cookie, body: { ...body, user } })).status,
        201,
        user,
      );
  });

  it('no user can take the name under which set-up failures are counted', async () => {
    const cookie = await box.as('administrator');
    const body = { user: '*setup', password, role: 'guard' };
    assert.equal((await box.call('POST', '/api/users', { cookie, body })).status, 400);
  });
});

describe('password hashes', () => {
  it('verify the same password however its accents were typed, and no other', async () => {
    const hash = await hashPassword('caf\u00e9 3 Uhr');
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    assert.equal(await verifyPassword('cafe\u0301 3 Uhr', hash), true);
    assert.equal(await verifyPassword('cafe 3 Uhr', hash), false);
  });

  it('verify the known answer of the reference program (argon2 -id, phc-winner-argon2)', async () => {
    // Row `argon2id, t=2, m=65536, p=1` of its test.c.
    const phc = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
    assert.equal(await verifyPassword('password', phc), true);
    assert.equal(await verifyPassword('passwore', phc), false);
  });

  it('are refused when damaged or absurdly expensive', async () => {
    for (const phc of ['', 'plain', '$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHQ$CTFhFdXP'])
      await assert.rejects(verifyPassword('x', phc), { code: 'PASSWORD_HASH_INVALID' });
  });
});
