import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { readyModels } from '../models.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');
const named = (model: string) => `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras:
  - id: east
    name: { zh-CN: 东门, en: East gate }
    url: rtsp://192.0.2.7/stream1
    analysis: { model: ${model} }
`;

/** A site that names a model, a mirror with a damaged one, and the lines that are printed. */
async function ready(t: TestContext, model: string, cwd = root) {
  const folder = scratchFolder(t);
  const mirror = join(folder, 'mirror');
  mkdirSync(mirror);
  writeFileSync(join(mirror, 'yolox_nano_416.onnx'), 'cut short');
  writeFileSync(join(folder, 'site.yaml'), named(model));
  const env = { ...process.env, GATEHOUSE_STATE_DIR: folder, GATEHOUSE_MODEL_MIRROR: mirror };
  const said: string[] = [];
  const models = await readyModels(join(folder, 'site.yaml'), cwd, env, (text) => said.push(text));
  return { ...models, said };
}

test('a model that cannot run is told in one line, as the command line found it, with what to do', async (t) => {
  const { detects, advice, said } = await ready(t, 'yolox-nano-416');
  assert.equal(said.length, 1);
  assert.match(said[0] ?? '', /MODEL_CORRUPT: .*yolox_nano_416\.onnx.*found 9 bytes/);
  assert.equal(detects, true, 'the bundled one runs');
  assert.match(advice.join(), /^Replace .*yolox_nano_416\.onnx or delete it/);
});

test('whom a download asks is told before it is asked', async (t) => {
  const folder = scratchFolder(t);
  writeFileSync(join(folder, 'site.yaml'), named('yolox-nano-416'));
  // A proxy that nobody serves: the download goes there and no further.
  const noWayOut = { NODE_USE_ENV_PROXY: '1', HTTPS_PROXY: 'http://127.0.0.1:9' };
  const env = { ...process.env, ...noWayOut, GATEHOUSE_STATE_DIR: folder, GATEHOUSE_MODEL_MIRROR: '' };
  const said: string[] = [];
  const { detects } = await readyModels(join(folder, 'site.yaml'), root, env, (text) => said.push(text));
  assert.equal(detects, true);
  assert.match(said[0] ?? '', /^asking raw\.githubusercontent\.com for yolox-nano-416/);
  assert.match(said[1] ?? '', /MODEL_FETCH_FAILED/);
});

test('the bundled model needs neither mirror nor internet', async (t) => {
  const { detects, advice, said } = await ready(t, 'gatehouse-compact');
  assert.deepEqual([detects, advice], [true, []]);
  assert.match(said.join(), /^gatehouse-compact, as the site names it/);
});

test('a command line that does not run at all is told by what it printed', async (t) => {
  const { detects, said } = await ready(t, 'gatehouse-compact', scratchFolder(t));
  assert.equal(detects, false);
  assert.match(said[0] ?? '', /^no detection: (?!looking).+/);
});
