import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fetchDefaultModel } from '../models.ts';

const root = join(import.meta.dirname, '..', '..', '..');

function scratch(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'demo-models-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('why there is no model is told in one line, as the command line found it', async (t) => {
  const folder = scratch(t);
  const mirror = join(folder, 'mirror');
  mkdirSync(mirror);
  writeFileSync(join(mirror, 'yolox_nano_416.onnx'), 'cut short');
  const env = { ...process.env, GATEHOUSE_STATE_DIR: folder, GATEHOUSE_MODEL_MIRROR: mirror };
  const said: string[] = [];
  assert.equal(await fetchDefaultModel(root, env, (text) => said.push(text)), false);
  assert.equal(said.length, 1);
  assert.match(
    said[0] ?? '',
    /^no model, so no detection: MODEL_CORRUPT: .*yolox_nano_416\.onnx.*found 9 bytes/,
  );
});

test('a command line that does not run at all is told by what it printed', async (t) => {
  const said: string[] = [];
  assert.equal(await fetchDefaultModel(scratch(t), process.env, (text) => said.push(text)), false);
  assert.match(said[0] ?? '', /^no model, so no detection: (?!fetching).+/);
});
