import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf } from './import-direction.ts';
import { sourceFiles } from './source-tree.ts';

/** The one module that has turned ONNX Runtime's telemetry off before it loads it. */
const door = 'edge-runtime/onnx/index.ts';

const files = sourceFiles();

test('ONNX Runtime is imported in one place only', () => {
  const importing = files.filter(({ text }) =>
    importsOf(text).some(({ target }) => target.split('/')[0] === 'onnxruntime-node'),
  );
  assert.deepEqual(
    importing.map(({ path }) => path),
    [door],
  );
});

/**
 * A worker sees in its own environment whether its process turned telemetry off; given another one, it would
 * see that.
 */
test('no worker thread is given an environment of its own', () => {
  const giving = files.filter(({ text }) => /new Worker\([^;]*\benv\b/.test(text) || /SHARE_ENV/.test(text));
  assert.deepEqual(
    giving.map(({ path }) => path),
    ['edge-runtime/test/onnx-runtime.test.ts'],
  );
});
