import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecret } from '@gatehouse/contracts';

test('a secret is read from beside the site file; a missing or empty one is named, never taken for no password', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const site = join(folder, 'site.yaml');
  writeFileSync(join(folder, 'full'), ' right \n');
  writeFileSync(join(folder, 'empty'), '\n');
  assert.equal(readSecret({ file: 'full' }, site), 'right');
  assert.throws(() => readSecret({ file: 'empty' }, site), {
    code: 'SECRET_MISSING',
    message: /empty is empty/,
  });
  assert.throws(() => readSecret({ file: 'none' }, site), {
    code: 'SECRET_MISSING',
    message: /none.*ENOENT/,
  });
  assert.equal(readSecret({ env: 'CAMERA' }, site, { CAMERA: 'right' }), 'right');
  assert.throws(() => readSecret({ env: 'CAMERA' }, site, {}), { code: 'SECRET_MISSING', message: /CAMERA/ });
});
