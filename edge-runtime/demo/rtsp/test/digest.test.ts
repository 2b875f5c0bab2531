import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DigestCheck, digestResponse } from '../digest.ts';

const uri = 'rtsp://127.0.0.1/lot';

function answerTo(challenge: string, password: string, extra: Record<string, string> = {}): string {
  const field = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(challenge)?.[1] ?? '';
  const input = { username: 'admin', realm: field('realm'), nonce: field('nonce'), uri, ...extra };
  const response = digestResponse({ ...input, password, method: 'DESCRIBE' });
  const fields = Object.entries({ ...input, response }).map(([name, value]) => `${name}="${value}"`);
  return `Digest ${fields.join(', ')}`;
}

test('the response is that of the worked example of RFC 2617 3.5', () => {
  const response = digestResponse({
    username: 'Mufasa',
    realm: 'testrealm@host.com',
    password: 'Circle Of Life',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    qop: 'auth',
    nc: '00000001',
    cnonce: '0a4f113b',
  });
  assert.equal(response, '6629fae49393a05397450978507c4ef1');
});

test('only the right password for this method and address is let in', () => {
  const gate = new DigestCheck({ username: 'admin', password: 'right' }, () => 0);
  const good = answerTo(gate.challenge(false), 'right');
  assert.equal(gate.check('DESCRIBE', uri, good), 'ok');
  assert.equal(gate.check('PLAY', uri, good), 'refused');
  assert.equal(gate.check('DESCRIBE', `${uri}2`, good), 'refused');
  assert.equal(gate.check('DESCRIBE', uri, answerTo(gate.challenge(false), 'wrong')), 'refused');
  assert.equal(gate.check('DESCRIBE', uri, 'Basic YWRtaW46cmlnaHQ='), 'refused');
  assert.equal(gate.check('DESCRIBE', uri, undefined), 'refused');
});

test('where qop=auth is offered, answers with it and of RFC 2069 clients without it are taken, other qops are not', () => {
  const gate = new DigestCheck({ username: 'admin', password: 'right', qop: 'auth' }, () => 0);
  assert.match(gate.challenge(false), /qop="auth"/);
  const qop = { qop: 'auth', nc: '00000001', cnonce: 'abc' };
  assert.equal(gate.check('DESCRIBE', uri, answerTo(gate.challenge(false), 'right', qop)), 'ok');
  assert.equal(gate.check('DESCRIBE', uri, answerTo(gate.challenge(false), 'right')), 'ok');
  const other = { ...qop, qop: 'auth-int' };
  assert.equal(gate.check('DESCRIBE', uri, answerTo(gate.challenge(false), 'right', other)), 'refused');
});

test('an old nonce, or one of another server, is stale only for who knows the password', () => {
  let nowS = 0;
  const gate = new DigestCheck({ username: 'admin', password: 'right', nonceLifeS: 10 }, () => nowS);
  const other = new DigestCheck({ username: 'admin', password: 'right' }, () => 0);
  const old = gate.challenge(false);
  nowS = 10.5;
  assert.equal(gate.check('DESCRIBE', uri, answerTo(old, 'right')), 'stale');
  assert.equal(gate.check('DESCRIBE', uri, answerTo(old, 'wrong')), 'refused');
  assert.equal(gate.check('DESCRIBE', uri, answerTo(other.challenge(false), 'right')), 'stale');
  assert.match(gate.challenge(true), /stale=TRUE/);
  assert.notEqual(gate.challenge(false), gate.challenge(false));
});
