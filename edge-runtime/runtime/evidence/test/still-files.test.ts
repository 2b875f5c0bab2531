import assert from 'node:assert/strict';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { jpeg, temporaryFolder } from '../../test/fixtures.ts';
import { StillFiles } from '../still-files.ts';

const id = '5f0c8a52-2f0a-8b1c-9d3e-0a1b2c3d4e5f';

test('a still is read back, and nothing but the service and its group may read its file', (t) => {
  const folder = temporaryFolder(t);
  const stills = new StillFiles(folder);
  stills.write(id, 'opened', jpeg);
  assert.deepEqual(stills.read(id, 'opened'), Buffer.from(jpeg));
  assert.equal(stills.read(id, 'cleared'), undefined);
  assert.equal(statSync(join(folder, id, 'opened.jpg')).mode & 0o007, 0);
});

test('an id that is none reads nothing, wherever it points and however long it is', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'stills'));
  writeFileSync(join(folder, 'opened.jpg'), 'not a still of ours');
  const stills = new StillFiles(join(folder, 'stills'));
  for (const wrong of ['..', '.', '../stills/..', '', 'a\0b', 'x'.repeat(300), `${id}/..`])
    assert.equal(stills.read(wrong, 'opened'), undefined, JSON.stringify(wrong.slice(0, 40)));
});
