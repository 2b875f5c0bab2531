import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { GatehouseError, systemClock } from '@gatehouse/kit';
import { openLink } from '../../broker/link.ts';
import { startMosquitto } from '../../test/support/brokers.ts';
import { TestCa } from '../../test/support/test-ca.ts';
import { certificateWarning, readClientTls } from '../client-tls.ts';

const dayMs = 86_400_000;
const here = 'DNS:localhost,IP:127.0.0.1';

/** A mosquitto that speaks TLS with `server` and takes only certificates of `clients`. */
async function secured(t: TestContext, server: { cert: string; key: string }, clients?: TestCa) {
  const asks = clients ? [`cafile ${clients.ca}`, 'require_certificate true'] : [];
  const broker = await startMosquitto(t, [`certfile ${server.cert}`, `keyfile ${server.key}`, ...asks]);
  return broker.url.replace('mqtt:', 'mqtts:');
}

async function connectWith(t: TestContext, url: string, files: { ca?: string; cert?: string; key?: string }) {
  const tls = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, { file }]));
  const user = {
    filters: () => ['gatehouse/box-1/acks'],
    onMessage: () => undefined,
    onConfirmed: () => undefined,
  };
  const login = { url, clientId: 'box-1', tls: () => readClientTls(tls, '/site.yaml') };
  const link = await openLink(login, user, { clock: systemClock, signal: new AbortController().signal });
  t.after(() => link.close());
  return link;
}

const codeOf = (code: string, text: RegExp) => (error: unknown) => {
  assert.ok(error instanceof GatehouseError, String(error));
  assert.equal(error.code, code, error.message);
  assert.match(`${error.message} ${error.remedy}`, text);
  return true;
};

test('with the right authority and its own certificate the box is let in, and says when the two certificates end', async (t) => {
  const dir = scratchFolder(t);
  const ca = new TestCa(dir);
  const url = await secured(t, ca.issue('server', here, 20), ca);
  const link = await connectWith(t, url, { ca: ca.ca, ...ca.issue('box-1', 'DNS:box-1', 40) });
  const days = (endsMs: number | undefined) => Math.round(((endsMs ?? 0) - Date.now()) / dayMs);
  assert.deepEqual([days(link.certEnds.own), days(link.certEnds.peer)], [40, 20]);
});

test('a broker that asks for a certificate refuses none, a stranger’s and an expired one', async (t) => {
  const dir = scratchFolder(t);
  const ca = new TestCa(dir);
  const url = await secured(t, ca.issue('server', here), ca);
  const stranger = new TestCa(dir, 'other').issue('box-2', 'DNS:box-2');
  const remedy = /uplink\.tls\.cert/;
  await assert.rejects(connectWith(t, url, { ca: ca.ca }), codeOf('UPLINK_CERTIFICATE_REFUSED', remedy));
  await assert.rejects(
    connectWith(t, url, { ca: ca.ca, ...stranger }),
    codeOf('UPLINK_CERTIFICATE_REFUSED', remedy),
  );
  const expired = ca.issue('box-3', 'DNS:box-3', -1);
  await assert.rejects(
    connectWith(t, url, { ca: ca.ca, ...expired }),
    codeOf('UPLINK_CERTIFICATE_REFUSED', remedy),
  );
});

test('a broker with a certificate of another authority, expired, for another host or signed by itself is refused', async (t) => {
  const dir = scratchFolder(t);
  const ca = new TestCa(dir);
  const other = new TestCa(dir, 'other');
  const cases = [
    [other.issue('foreign', here), /authority that this box does not know.*uplink\.tls\.ca/],
    [ca.issue('expired', here, -1), /has expired/],
    [ca.issue('elsewhere', 'DNS:platform.example'), /another host name.*uplink\.url/],
    [{ cert: other.ca, key: join(dir, 'other.key') }, /is signed by itself.*uplink\.tls\.ca/],
  ] as const;
  for (const [server, text] of cases) {
    const url = await secured(t, server);
    await assert.rejects(connectWith(t, url, { ca: ca.ca }), codeOf('UPLINK_CERTIFICATE', text));
  }
  // The same servers are reached once they are trusted: it was the certificate that kept them out.
  const url = await secured(t, cases[0][0]);
  await connectWith(t, url, { ca: other.ca });
});

test('files that are missing, no PEM, or do not belong together are named, and no key is in the error', (t) => {
  const dir = scratchFolder(t);
  const ca = new TestCa(dir);
  const one = ca.issue('one', here);
  const two = ca.issue('two', here);
  const site = join(dir, 'site.yaml');
  writeFileSync(join(dir, 'broken.key'), readFileSync(one.key, 'utf8').slice(0, 90));
  const read = (cert: string, key: string) => () =>
    readClientTls({ cert: { file: cert }, key: { file: key } }, site);
  assert.throws(read(one.cert, 'none.key'), codeOf('SECRET_MISSING', /none\.key/));
  assert.throws(read(one.cert, two.key), codeOf('UPLINK_TLS_MISMATCH', /two\.key/));
  assert.throws(read(one.key, one.key), codeOf('UPLINK_TLS_FILE', /one\.key/));
  const quoted = readFileSync(one.key, 'utf8').split('\n')[1] ?? '';
  assert.throws(read(one.cert, 'broken.key'), (error: unknown) => {
    assert.ok(codeOf('UPLINK_TLS_FILE', /broken\.key/)(error));
    assert.ok(!JSON.stringify(error, Object.getOwnPropertyNames(error)).includes(quoted.slice(0, 20)));
    return true;
  });
});

test('a certificate is warned of from 30 days before its end', () => {
  const endsMs = Date.parse('2026-12-31T00:00:00Z');
  assert.equal(certificateWarning('it', endsMs, endsMs - 31 * dayMs), undefined);
  assert.equal(certificateWarning('it', undefined, endsMs), undefined);
  assert.match(
    certificateWarning('it', endsMs, endsMs - 29 * dayMs) ?? '',
    /^UPLINK_CERT_EXPIRES: it ends on 2026-12-31, in 29 days/,
  );
  assert.match(certificateWarning('it', endsMs, endsMs + dayMs) ?? '', /^UPLINK_CERT_EXPIRED/);
});
