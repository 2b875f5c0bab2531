import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSite } from '@gatehouse/contracts';
import { TestCa } from '../../../sync-agent/test/support/test-ca.ts';
import { checkSecrets } from '../doctor/peers.ts';

test('doctor says when the certificate upstream ends, warns from 30 days on, fails when it has ended or is not there', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'gh-doctor-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const ca = new TestCa(dir);
  const check = (cert: string, key: string) => {
    const uplink = `{url: "mqtts://p.example", tls: {cert: {file: ${cert}}, key: {file: ${key}}}}`;
    const text = `version: 1\nsite: {id: c, name: {zh-CN: 小区, en: C}}\nbox: {id: b}\nuplink: ${uplink}\n`;
    const result = parseSite(text);
    assert.ok(result.ok);
    return checkSecrets(result.site, join(dir, 'site.yaml'))[0];
  };
  const issued = (days: number) => {
    const { cert, key } = ca.issue(`box${days}`, 'DNS:b', days);
    return check(cert, key);
  };
  assert.equal(issued(90)?.status, 'ok');
  assert.match(`${issued(10)?.status} ${issued(10)?.detail}`, /^warn UPLINK_CERT_EXPIRES/);
  assert.match(`${issued(-1)?.status} ${issued(-1)?.detail}`, /^fail UPLINK_CERT_EXPIRED/);
  assert.match(check('none.pem', 'none.key')?.detail ?? '', /^SECRET_MISSING: .*none\.pem/);
});
