import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

/**
 * ONNX Runtime reports to its maker unless it is told not to before it is loaded. What it does then can be
 * seen without a network: it writes a device id, a database of events and a debug log. Each program here runs
 * with a home and a temporary directory of its own, and without the variables of CI, under which ONNX Runtime
 * keeps silent by itself.
 */
const root = join(import.meta.dirname, '..', '..', '..');
const url = (path: string) => JSON.stringify(pathToFileURL(join(root, path)).href);
const model = JSON.stringify(join(root, 'models/bundled/gatehouse_compact.onnx'));
const bare = JSON.stringify(
  createRequire(join(root, 'edge-runtime/onnx/index.ts')).resolve('onnxruntime-node'),
);
const loadWith = (imported: string) =>
  `const { InferenceSession } = await import(${imported}); await InferenceSession.create(${model});`;

interface Outcome {
  readonly files: readonly string[];
  readonly stderr: string;
  readonly status: number | null;
}

/** Runs a program text; resolves to what it left in home and temporary directory. */
function run(program: string, env: Readonly<Record<string, string>> = {}): Outcome {
  const dir = mkdtempSync(join(tmpdir(), 'onnx-telemetry-'));
  const home = join(dir, 'home');
  const temporary = join(dir, 'tmp');
  try {
    for (const made of [home, temporary]) mkdirSync(made);
    const { stderr, status } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env.PATH, HOME: home, TMPDIR: temporary, ...env },
    });
    const left = readdirSync(dir, { recursive: true, withFileTypes: true });
    return { files: left.filter((entry) => entry.isFile()).map(({ name }) => name), stderr, status };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

test('the package by itself leaves a device id, a database and a log: silence is not its own', () => {
  const { files, status, stderr } = run(loadWith(bare));
  assert.equal(status, 0, stderr);
  assert.deepEqual(files.filter((name) => /^(deviceid|onnxruntime\.db)$/.test(name)).toSorted(), [
    'deviceid',
    'onnxruntime.db',
  ]);
  assert.ok(files.some((name) => name.startsWith('mat-debug-')));
});

for (const [name, env] of [
  ['that was started without the variable', {}],
  ['whose environment asks for telemetry', { ORT_DISABLE_TELEMETRY: '0' }],
] as const)
  test(`a process ${name} leaves nothing behind`, () => {
    const { files, status, stderr } = run(loadWith(url('edge-runtime/onnx/index.ts')), env);
    assert.equal(status, 0, stderr);
    assert.deepEqual(files, []);
  });

/** A worker's `process.env` is a copy: what it sets there ONNX Runtime never sees. */
const inWorker = (before: string) => `
  import { once } from 'node:events';
  import { Worker } from 'node:worker_threads';
  ${before}
  const worker = new Worker(${JSON.stringify(loadWith(url('edge-runtime/onnx/index.ts')))}, { eval: true });
  await once(worker, 'exit');`;

test('a worker of a process that turned telemetry off leaves nothing behind', () => {
  const { files, status, stderr } = run(inWorker(`import ${url('edge-runtime/onnx/telemetry-off.ts')};`));
  assert.equal(status, 0, stderr);
  assert.deepEqual(files, []);
});

test('a worker of a process that did not is refused, with the remedy', () => {
  const { files, status, stderr } = run(inWorker(''));
  assert.notEqual(status, 0);
  assert.match(stderr, /ONNX_TELEMETRY_ON/);
  assert.match(stderr, /ORT_DISABLE_TELEMETRY=1/);
  assert.deepEqual(files, []);
});
