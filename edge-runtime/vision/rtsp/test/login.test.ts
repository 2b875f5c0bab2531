import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DigestCheck } from '../../../demo/rtsp/digest.ts';
import { parseChallenges } from '../challenge.ts';
import { Login, type LoginOptions } from '../login.ts';

const uri = 'rtsp://192.0.2.7/cam';
const login = (options: Partial<LoginOptions> = {}) =>
  new Login({
    ...{ username: 'admin', password: 'right', inClear: false, clientNonce: () => '0a4f113b' },
    ...options,
  });
const responseIn = (authorization: string | undefined) =>
  /response="([0-9a-f]+)"/.exec(authorization ?? '')?.[1];

test('the example of RFC 2617 3.5 is answered as printed there', () => {
  const mufasa = login({ username: 'Mufasa', password: 'Circle Of Life' });
  const challenge =
    'Digest realm="testrealm@host.com", qop="auth,auth-int", ' +
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  assert.equal(mufasa.refused([challenge], false, false), 'again');
  const answer = mufasa.authorization('GET', '/dir/index.html');
  assert.equal(responseIn(answer), '6629fae49393a05397450978507c4ef1');
  assert.match(answer ?? '', /^Digest username="Mufasa", .*qop=auth, nc=00000001, opaque="5ccc069c/);
});

test('the examples of RFC 7616 3.9.1 are answered as printed there, with the strongest hash', () => {
  const rest =
    'realm="http-auth@example.org", qop="auth, auth-int", ' +
    'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", ' +
    'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const mufasa = () =>
    login({
      ...{ username: 'Mufasa', password: 'Circle of Life' },
      clientNonce: () => 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    });
  const [md5, sha256] = [`Digest ${rest}, algorithm=MD5`, `Digest ${rest}, algorithm=SHA-256`];
  const answer = (...challenges: string[]) => {
    const one = mufasa();
    assert.equal(one.refused(challenges, false, false), 'again');
    return responseIn(one.authorization('GET', '/dir/index.html'));
  };
  assert.equal(answer(md5), '8ca523f5e9506fed4657c9700eebdbec');
  const strong = '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1';
  assert.equal(answer(sha256), strong);
  assert.equal(answer(md5, sha256), strong);
  assert.equal(answer(`${md5}, ${sha256}`), strong);
});

test('an independent server accepts any user and password, with qop and without', () => {
  const text = fc.string({ minLength: 1, maxLength: 30 }).filter((name) => !/["\\]/.test(name));
  fc.assert(
    fc.property(text, fc.string({ maxLength: 30 }), fc.boolean(), (username, password, withQop) => {
      const gate = new DigestCheck({ username, password, ...(withQop ? { qop: 'auth' } : {}) }, () => 0);
      const ask = (given: string) => {
        const one = login({ username, password: given });
        assert.equal(one.refused([gate.challenge(false)], false, false), 'again');
        return gate.check('DESCRIBE', uri, one.authorization('DESCRIBE', uri));
      };
      assert.equal(ask(password), 'ok');
      assert.equal(ask(`${password}x`), 'refused');
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('a name outside ASCII is sent and hashed as UTF-8, and its quotes are escaped', () => {
  const one = login({ username: '管理"员', password: '密码' });
  assert.equal(one.refused(['Digest realm="r", nonce="n"'], false, false), 'again');
  const answer = one.authorization('DESCRIBE', uri) ?? '';
  assert.ok(Buffer.from(answer, 'latin1').includes(Buffer.from('username="管理\\"员"', 'utf8')));
});

test('a session algorithm keeps its client nonce, and the count of a nonce rises', () => {
  const one = login();
  one.refused(['Digest realm="r", nonce="n", qop=auth, algorithm=MD5-sess'], false, false);
  const [first, second] = ['SETUP', 'PLAY'].map((method) => one.authorization(method, uri) ?? '');
  assert.match(first ?? '', /algorithm=MD5-sess, cnonce="0a4f113b", qop=auth, nc=00000001/);
  assert.match(second ?? '', /nc=00000002/);
});

test('Basic is used only if it is allowed, and never if digest is offered', () => {
  const basic = 'Basic realm="cam"';
  assert.equal(login().refused([basic], false, false), 'in-clear');
  const open = login({ inClear: true, username: 'a', password: 'b:c' });
  assert.equal(open.refused([basic], false, false), 'again');
  assert.equal(open.authorization('DESCRIBE', uri), `Basic ${Buffer.from('a:b:c').toString('base64')}`);
  const both = login({ inClear: true });
  assert.equal(both.refused([basic, 'Digest realm="cam", nonce="n"'], false, false), 'again');
  assert.match(both.authorization('DESCRIBE', uri) ?? '', /^Digest /);
  assert.doesNotMatch(both.authorization('DESCRIBE', uri) ?? '', /right/);
});

test('an unsupported digest does not make the password go out in clear', () => {
  for (const challenge of [
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest realm="r", nonce="n", algorithm=SHA-512',
    'Digest realm="r"',
    'Negotiate',
    '',
  ])
    assert.equal(login().refused([challenge], false, false), 'wrong', challenge);
  assert.equal(login().refused(['Digest realm="r"', 'Basic realm="r"'], false, false), 'in-clear');
});

test('a wrong password is sent once; an expired nonce is renewed, said to be stale or not', () => {
  const challenge = (nonce: string, more = '') => [`Digest realm="r", nonce="${nonce}"${more}`];
  const wrong = login();
  assert.equal(wrong.refused(challenge('1'), false, false), 'again');
  assert.equal(wrong.refused(challenge('2'), true, false), 'wrong');

  const old = login();
  old.refused(challenge('1'), false, false);
  old.accepted();
  assert.equal(old.refused(challenge('2'), true, false), 'again', 'forgotten');
  assert.equal(old.refused(challenge('3', ', stale=TRUE'), true, false), 'again', 'said');
  assert.equal(old.refused(challenge('4', ', stale=true'), true, true), 'wrong', 'and not without end');
  assert.equal(login({ username: undefined }).refused(challenge('1'), false, false), 'wrong');
});

test('joined challenges are separated, and the first of two equal parameters counts', () => {
  const [digest, basic, other] = parseChallenges([
    'Digest realm="a, \\"b\\" = c",nonce=abc , qop="auth" , nonce="zzz", Basic realm="x"',
    'NTLM',
  ]);
  assert.deepEqual([digest?.scheme, basic?.scheme, other?.scheme], ['digest', 'basic', 'ntlm']);
  assert.deepEqual(
    [...(digest?.parameters ?? [])],
    [
      ['realm', 'a, \\"b\\" = c'],
      ['nonce', 'abc'],
      ['qop', 'auth'],
    ],
  );
  assert.equal(basic?.parameters.get('realm'), 'x');
});

test('any challenge is read in bounded time, and no answer to it has two lines', () => {
  const piece = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom(
      'Digest ',
      'Basic ',
      'realm=',
      'nonce=',
      '"',
      '\\',
      ',',
      '=',
      ' ',
      'qop="auth"',
      'x'.repeat(4000),
    ),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const one = login({ inClear: true });
      // As a head gives it: without control characters.
      const value = pieces.join('').replace(/[^\x20-\xff]/g, ' ');
      if (one.refused([value], false, false) === 'again')
        assert.doesNotMatch(one.authorization('DESCRIBE', uri) ?? '', /[\r\n]/);
    }),
    { numRuns: 2_000, seed: 4 },
  );
});
