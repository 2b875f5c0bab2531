import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { systemClock } from '@gatehouse/kit';
import { type Harness, password, startConsole } from './harness.ts';
import { addressIn, deviceIn, type LoginAnswer, logInFrom } from './log-in-from.ts';

const logIn = (box: Harness, address: string, user: string, pass: string, cookie?: string) =>
  logInFrom(box.port, address, { user, password: pass }, cookie);

describe('six threads that guess from ever other addresses', () => {
  let box: Harness;
  let device: string;
  let stop = false;
  let guesses = 0;
  const heard = new Map<string | undefined, number>();
  const threads: Promise<void>[] = [];

  before(async () => {
    box = await startConsole({ overrides: { clock: systemClock } });
    await box.as('guard');
    await box.as('supervisor');
    device = deviceIn(await logIn(box, '127.30.0.1', 'guard', password));
    await logIn(box, '127.30.0.2', 'supervisor', password);
    const guess = async (thread: number) => {
      for (let n = 0; !stop; n++) {
        guesses++;
        const name = n % 2 === 0 ? `made-up-${thread}-${n}` : ['guard', 'supervisor'][thread % 2];
        const { code } = await logIn(box, addressIn(40 + thread, n), name ?? '', 'a guess');
        heard.set(code, (heard.get(code) ?? 0) + 1);
      }
    };
    for (let thread = 0; thread < 6; thread++) threads.push(guess(thread));
  });
  after(async () => {
    stop = true;
    await Promise.all(threads);
    await box.stop();
  });

  it('do not keep the right password of a known browser out, nor make it wait behind theirs', async (t) => {
    for (let i = 0; i < 10; i++) {
      const before = guesses;
      const startMs = performance.now();
      const { status, code } = await logIn(box, addressIn(50, i), 'guard', password, device);
      assert.equal(status, 200, code);
      t.diagnostic(
        `known browser: in after ${Math.round(performance.now() - startMs)} ms, ${guesses - before} guesses meanwhile`,
      );
    }
  });

  it('do not keep the right password at a known address out', async (t) => {
    for (let i = 0; i < 5; i++) {
      const startMs = performance.now();
      const { status, code } = await logIn(box, '127.30.0.2', 'supervisor', password);
      assert.equal(status, 200, code);
      t.diagnostic(`known address: in after ${Math.round(performance.now() - startMs)} ms`);
    }
  });

  it('fill the strangers’ lane when they are more: its newest is told when to come again, and who is known gets in', async () => {
    let ended = false;
    let full: (answer: LoginAnswer) => void = () => undefined;
    const busy = new Promise<LoginAnswer>((resolve) => {
      full = resolve;
    });
    const stranger = async (thread: number) => {
      for (let n = 0; !ended; n++) {
        const answer = await logIn(box, addressIn(51, thread * 256 + (n & 255)), `crowd-${thread}-${n}`, 'x');
        if (answer.code === 'LOGIN_BUSY') full(answer);
      }
    };
    const crowd = Array.from({ length: 24 }, (_, thread) => stranger(thread));
    const refused = await busy;
    const known: number[] = [];
    for (let i = 0; i < 5; i++)
      known.push((await logIn(box, addressIn(52, i), 'guard', password, device)).status);
    ended = true;
    await Promise.all(crowd);
    assert.deepEqual(known, [200, 200, 200, 200, 200]);
    assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '2']);
    assert.equal(heard.get(undefined), undefined, 'no guess was right');
  });
});

describe('guessing', () => {
  let box: Harness;
  before(async () => {
    box = await startConsole();
    await box.as('guard');
  });
  // Longer than any wait that a test leaves behind.
  beforeEach(() => box.clock.advance(3_600_000));
  after(() => box.stop());

  it('at names that there are not locks no address out for one that there is', async () => {
    for (let i = 0; i < 70; i++)
      assert.equal((await logIn(box, '127.60.0.1', `made-up-${i}`, 'x')).status, 401);
    assert.equal((await logIn(box, '127.60.0.1', 'guard', password)).status, 200);
  });

  it('is answered alike for names that there are and names that there are not', async () => {
    const sequence = async (name: string, net: number) => {
      const answers: unknown[] = [];
      for (let i = 0; i < 14; i++) {
        const { status, body, headers } = await logIn(box, addressIn(net, i), name, 'x');
        answers.push([status, body, headers['retry-after'], headers['set-cookie']]);
        if (i % 3 === 2) await box.clock.advance(4_000 * i);
      }
      return answers;
    };
    await box.as('installer');
    const real = await sequence('installer', 61);
    assert.deepEqual(await sequence('nobody-here', 62), real);
    assert.match(JSON.stringify(real), /LOGIN_LOCKED/);
  });

  it('from ever other addresses is counted together, and locks no browser out that is known', async () => {
    const user = 'guard';
    const device = deviceIn(await logIn(box, '127.63.0.1', user, password));
    const codes: unknown[] = [];
    for (let i = 0; i < 8; i++) codes.push((await logIn(box, addressIn(64, i), user, 'x')).code);
    assert.deepEqual(codes.slice(0, 6), [...Array.from({ length: 5 }, () => 'LOGIN_FAILED'), 'LOGIN_LOCKED']);
    const stranger = await logIn(box, '127.65.0.1', user, password);
    assert.deepEqual(
      [stranger.status, stranger.code, stranger.headers['retry-after']],
      [429, 'LOGIN_LOCKED', '5'],
    );
    assert.equal((await logIn(box, '127.65.0.2', user, password, device)).status, 200);
    assert.equal((await logIn(box, '127.63.0.1', user, password)).status, 200, 'its address is known, too');
  });

  it('in one burst is heard no more often than one by one', async () => {
    await box.as('administrator');
    const burst = Array.from({ length: 9 }, (_, i) => logIn(box, addressIn(78, i), 'administrator', 'x'));
    const codes = (await Promise.all(burst)).map(({ code }) => code);
    assert.equal(codes.filter((code) => code === 'LOGIN_FAILED').length, 5, codes.join());
    assert.equal(codes.filter((code) => code === 'LOGIN_LOCKED').length, 4);
  });

  it('on a known browser locks that browser, and no other', async () => {
    const [own, other] = [
      deviceIn(await logIn(box, '127.66.0.1', 'guard', password)),
      deviceIn(await logIn(box, '127.66.0.2', 'guard', password)),
    ];
    for (let i = 0; i < 5; i++) await logIn(box, '127.67.0.1', 'guard', 'x', own);
    assert.equal((await logIn(box, '127.67.0.1', 'guard', password, own)).code, 'LOGIN_LOCKED');
    assert.equal((await logIn(box, '127.67.0.1', 'guard', password, other)).status, 200);
  });

  it('survives a restart of the box where it counts: what was counted is written down once a minute', async () => {
    await box.as('supervisor');
    for (let i = 0; i < 7; i++) await logIn(box, addressIn(68, i), 'supervisor', 'x');
    assert.equal(box.users.failedLogins('supervisor strangers'), undefined);
    await box.clock.advance(60_000);
    assert.equal(box.users.failedLogins('supervisor strangers')?.count, 5);
  });

  it('costs a row a minute for each kind, however much there is of it', async () => {
    const quiet = await startConsole();
    after(() => quiet.stop());
    await quiet.as('guard');
    for (let i = 0; i < 40; i++)
      await logIn(quiet, addressIn(69, i), i % 2 === 0 ? 'guard' : `made-up-${i}`, 'x');
    await quiet.call('POST', '/api/setup', { body: { code: 'AAAA', user: 'a', password } });
    assert.equal(quiet.audit.length, 0);
    await quiet.clock.advance(60_000);
    assert.deepEqual(
      quiet.audit.map(({ who, what, detail }) => [
        who,
        what,
        detail?.count,
        detail?.names,
        detail?.addresses,
      ]),
      [
        ['anonymous', 'login-failed', 25, '21', '25'],
        ['anonymous', 'login-locked', 15, '1', '15'],
      ],
    );
    await quiet.clock.advance(600_000);
    assert.equal(quiet.audit.length, 2, 'and none while nothing happens');
    await logIn(quiet, '127.70.0.1', 'guard', 'x');
    await quiet.clock.advance(60_000);
    const single = quiet.audit.at(-1);
    assert.deepEqual(
      [single?.on, single?.from, single?.detail?.count],
      ['guard', '127.70.0.1', 1],
      'one alone is named',
    );
  });

  it('that is not told yet is told when the box stops', async () => {
    const stopping = await startConsole();
    await logIn(stopping, '127.70.0.2', 'nobody', 'x');
    await stopping.stop();
    assert.deepEqual(
      stopping.audit.map(({ what }) => what),
      ['login-failed'],
    );
    assert.equal(stopping.clock.pendingTimers, 0);
  });
});

describe('a browser', () => {
  let box: Harness;
  before(async () => {
    box = await startConsole();
    for (const role of ['guard', 'supervisor', 'installer'] as const) await box.as(role);
  });
  beforeEach(() => box.clock.advance(3_600_000));
  after(() => box.stop());

  /** Strangers are locked out of this user; known clients are not. */
  async function lockStrangers(user: string, net: number): Promise<void> {
    for (let i = 0; i < 6; i++) await logIn(box, addressIn(net, i), user, 'x');
  }

  it('is known for each user who has logged in on it, all shifts of them', async () => {
    let device = '';
    for (const user of ['guard', 'supervisor', 'installer'])
      device = deviceIn(await logIn(box, '127.71.0.1', user, password, device));
    for (const user of ['guard', 'supervisor', 'installer']) {
      await lockStrangers(user, 72);
      assert.equal((await logIn(box, '127.73.0.1', user, password, device)).status, 200, user);
    }
  });

  it('is known by what the box has signed, for that user and whole', async () => {
    const device = deviceIn(await logIn(box, '127.74.0.1', 'guard', password));
    await lockStrangers('supervisor', 75);
    await lockStrangers('guard', 76);
    const known = async (user: string, cookie: string) =>
      (await logIn(box, '127.77.0.1', user, password, cookie)).status === 200;
    const [name = '', value = ''] = device.split('=');
    const [id = '', tag = ''] = value.split('.');
    const other = tag.startsWith('A') ? `B${tag.slice(1)}` : `A${tag.slice(1)}`;
    assert.equal(await known('supervisor', device), false, 'of another user');
    for (const forged of [`${id}.${other}`, id, `.${tag}`, `${other}.${tag}`, `${value}.x`, 'x'.repeat(4000)])
      assert.equal(await known('guard', `${name}=${forged}`), false, forged.slice(0, 60));
    assert.equal(
      await known('guard', `${name}=${id}.${other}; ${device}`),
      true,
      'another of its name does no harm',
    );
  });
});
