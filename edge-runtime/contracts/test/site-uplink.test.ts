import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSite, plaintextFault } from '@gatehouse/contracts';

const head = 'version: 1\nsite: {id: c, name: {zh-CN: 小区, en: C}}\nbox: {id: b}\n';

function problems(uplink: string): string[] {
  const result = parseSite(`${head}uplink: ${uplink}\n`);
  return result.ok ? [] : result.problems.map(({ path, line, message }) => `${line} ${path}: ${message}`);
}

test('MQTT with TLS files, and a webhook with token and signature, are sound uplinks', () => {
  const pem = '{ca: {file: ca.pem}, cert: {file: box.pem}, key: {file: box.key}}';
  assert.deepEqual(problems(`{url: "mqtts://p.example:8883", tls: ${pem}, maxKbps: 64}`), []);
  assert.deepEqual(
    problems(`{url: "https://p.example/e", tls: ${pem}, token: {file: t}, signingSecret: {env: S}}`),
    [],
  );
  assert.deepEqual(problems('{url: "http://127.0.0.1:8000/e"}'), []);
});

test('a media section is sound with an address, kinds and its own credentials, and each mistake in it is named', () => {
  const media = (inside: string) => problems(`{url: "mqtts://p.example", media: {${inside}}}`);
  const url = 'url: "https://m.example/pictures"';
  const pem = '{ca: {file: ca.pem}, cert: {file: box.pem}, key: {file: box.key}}';
  assert.deepEqual(media(`${url}, kinds: [illegal-parking], token: {file: t}, tls: ${pem}`), []);
  assert.deepEqual(media('url: "http://127.0.0.1:8000"'), []);
  assert.match(
    media('url: "http://m.example"')[0] ?? '',
    /^4 uplink\.media\.url: http:\/\/ is taken for this/,
  );
  assert.match(
    media(`${url}, tls: {cert: {file: c}}`)[0] ?? '',
    /^4 uplink\.media\.tls: only one of "cert" and "key"/,
  );
  assert.match(media(`${url}, kinds: [crowd]`)[0] ?? '', /uplink\.media\.kinds/);
  assert.match(media(`${url}, maxPeople: 21`)[0] ?? '', /uplink\.media\.maxPeople/);
  for (const bad of [
    'https://m.example/',
    'https://u:p@m.example',
    'https://m.example/?a=1',
    `https://m.example/${'a'.repeat(41)}`,
  ])
    assert.match(media(`url: "${bad}"`)[0] ?? '', /uplink\.media\.url/, bad);
});

test('what does not fit together is named with its line', () => {
  assert.match(
    problems('{url: "http://p.example/e"}')[0] ?? '',
    /^4 uplink\.url: http:\/\/ is taken for this machine/,
  );
  assert.match(
    problems('{url: "https://u:p@p.example/e"}')[0] ?? '',
    /^4 uplink\.url: a user or a password stands in the address/,
  );
  assert.match(
    problems('{url: "https://p.example/e", username: u}')[0] ?? '',
    /uplink\.username: "username" is for MQTT/,
  );
  assert.match(
    problems('{url: "mqtt://p", token: {file: t}}')[0] ?? '',
    /uplink\.token: "token" is for a webhook/,
  );
  assert.match(
    problems('{url: "mqtt://p", tls: {ca: {file: c}}}')[0] ?? '',
    /uplink\.tls: "tls" is for encrypted connections.*mqtts/,
  );
  assert.match(
    problems('{url: "mqtts://p", tls: {cert: {file: c}}}')[0] ?? '',
    /only one of "cert" and "key"/,
  );
  assert.match(problems('{url: "mqtts://p", maxKbps: 1}')[0] ?? '', /uplink\.maxKbps/);
});

test('a plain broker beyond this machine leaves the file valid, and "plaintext" must name its host', () => {
  assert.deepEqual(problems('{url: "mqtt://p.example"}'), []);
  assert.deepEqual(problems('{url: "mqtt://p.example:1883", plaintext: p.example}'), []);
  assert.match(
    problems('{url: "mqtt://p.example", plaintext: q.example}')[0] ?? '',
    /^4 uplink\.plaintext: "plaintext" names another host than the address; expected p\.example/,
  );
  assert.match(
    problems('{url: "mqtts://p.example", plaintext: p.example}')[0] ?? '',
    /uplink\.plaintext: "plaintext" allows a mqtt:\/\/ broker/,
  );
});

for (const [url, plaintext, isFault] of [
  ['mqtt://127.0.0.1:1883', undefined, false],
  ['mqtt://127.3.2.1', undefined, false],
  ['mqtt://localhost', undefined, false],
  ['mqtt://[::1]:1883', undefined, false],
  ['mqtts://p.example', undefined, false],
  ['https://p.example', undefined, false],
  ['mqtt://p.example', undefined, true],
  ['mqtt://10.0.0.5', undefined, true],
  ['mqtt://127.0.0.1.example', undefined, true],
  ['mqtt://localhost.example', undefined, true],
  ['mqtt://p.example', 'p.example', false],
  ['mqtt://[2001:db8::7]:1883', '[2001:db8::7]', false],
  ['mqtt://p.example', 'example', true],
  ['mqtt://p.example', '', true],
] as const)
  test(`${url} with plaintext ${plaintext} is ${isFault ? 'refused' : 'used'}`, () => {
    assert.equal(plaintextFault(url, plaintext) !== undefined, isFault);
  });
