import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gatehouse } from './gatehouse.ts';

const folder = join(import.meta.dirname, '../../contracts/site-file/reference/examples');
const secrets = ['east-lane-password', 'uplink-password', 'media-token', 'platform-token'];

/** An authority of itself and its key, as `tls` wants them. */
function certificate(key: string, certificate: string): void {
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const files = ['-subj', '/CN=box', '-keyout', key, '-out', certificate];
  const made = spawnSync('openssl', ['req', '-x509', ...curve, ...files]);
  assert.equal(made.status, 0, String(made.stderr));
}

for (const name of readdirSync(folder))
  test(`config check accepts the reference's example ${name} without a note`, (t) => {
    const box = gatehouse(t, { PLAZA_PASSWORD: 'secret' });
    for (const secret of secrets) box.file(secret, 'secret\n');
    box.file('platform-signing-secret', `whsec_${Buffer.alloc(24).toString('base64')}\n`);
    certificate(join(box.folder, 'box.key'), join(box.folder, 'box.pem'));
    box.file('platform-ca.pem', readFileSync(join(box.folder, 'box.pem')));
    const site = box.file('site.yaml', readFileSync(join(folder, name)));
    const { status, out, err } = box.run('config', 'check', site);
    assert.match(out, /^\S+site\.yaml: ok \([^)]*\)\n$/);
    assert.deepEqual([status, err], [0, '']);
  });
