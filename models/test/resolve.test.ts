import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Catalogue, Download } from '../index.ts';
import {
  catalogueFile,
  deriveModels,
  fetchModels,
  listModels,
  resolveModel,
  verifyModels,
} from '../index.ts';
import { sha256Of } from '../model-file.ts';

const good = Buffer.from('the weights of a model');
const damaged = Buffer.from('the weights of a mode!');

/** A box of its own with a catalogue of one model whose bytes are `good`. */
function box(t: TestContext) {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-models-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const [model] = catalogueFile().models;
  assert.ok(model);
  const catalogue: Catalogue = {
    ...catalogueFile(),
    models: [
      {
        ...model,
        id: 'small',
        file: 'small.onnx',
        bytes: good.length,
        sha256: sha256Of(good),
        default: true,
      },
    ],
  };
  const asked: string[] = [];
  const download: Download = async (_entry, url) => {
    asked.push(url);
    return good;
  };
  const [state, mirror] = [join(root, 'state'), join(root, 'mirror')];
  mkdirSync(join(state, 'models'), { recursive: true });
  mkdirSync(mirror);
  const env = { GATEHOUSE_STATE_DIR: state, GATEHOUSE_MODEL_MIRROR: mirror };
  const cached = join(state, 'models', 'small.onnx');
  return {
    options: { env, catalogue, download },
    cached,
    mirrored: join(mirror, 'small.onnx'),
    state,
    asked,
  };
}

test('a model in the cache is used as it is and nobody is asked', async (t) => {
  const { options, cached, asked } = box(t);
  writeFileSync(cached, good);
  const { file, origin } = await resolveModel('small', { ...options, fetch: true });
  assert.deepEqual([file, origin, asked], [cached, 'cache', []]);
});

test('a model in the mirror is copied into the cache, and is there when the mirror is gone', async (t) => {
  const { options, cached, mirrored } = box(t);
  writeFileSync(mirrored, good);
  assert.equal((await resolveModel(undefined, options)).origin, 'mirror');
  assert.deepEqual(readFileSync(cached), good);
  rmSync(mirrored);
  assert.equal((await resolveModel(undefined, options)).origin, 'cache');
});

test('a missing model is not fetched unasked: the error names model, places and remedy', async (t) => {
  const { options, state, asked } = box(t);
  const error = await resolveModel('small', options).catch((reason) => reason);
  assert.equal(error.code, 'MODEL_MISSING');
  for (const part of ['small.onnx', join(state, 'models'), options.env.GATEHOUSE_MODEL_MIRROR])
    assert.ok(error.message.includes(part), `${error.message} names ${part}`);
  assert.match(error.remedy, /models fetch small.*GATEHOUSE_MODEL_MIRROR/);
  assert.deepEqual(asked, []);
});

test('told to fetch, it asks the pinned address and keeps what came, with no temporary file left', async (t) => {
  const { options, cached, asked } = box(t);
  assert.equal((await resolveModel('small', { ...options, fetch: true })).origin, 'download');
  const source = options.catalogue.models[0]?.source;
  assert.deepEqual(asked, [source?.kind === 'upstream' ? source.url : '']);
  assert.deepEqual(readdirSync(join(cached, '..')), ['small.onnx']);
});

test('wrong bytes from the internet never reach the cache', async (t) => {
  const { options, cached } = box(t);
  const download: Download = async () => damaged;
  await assert.rejects(resolveModel('small', { ...options, fetch: true, download }), {
    code: 'MODEL_CORRUPT',
  });
  assert.deepEqual(readdirSync(join(cached, '..')), []);
});

test('a damaged file in the cache is named with both hashes, and never used', async (t) => {
  const { options, cached } = box(t);
  writeFileSync(cached, damaged);
  const error = await resolveModel('small', options).catch((reason) => reason);
  assert.equal(error.code, 'MODEL_CORRUPT');
  for (const part of [cached, sha256Of(good), sha256Of(damaged)]) assert.ok(error.message.includes(part));
});

test('a damaged file in the cache is replaced where a good one can be had, and that is said', async (t) => {
  const { options, cached, mirrored } = box(t);
  writeFileSync(cached, good.subarray(0, 5));
  writeFileSync(mirrored, good);
  const { origin, replaced } = await resolveModel('small', options);
  assert.equal(origin, 'mirror');
  assert.match(replaced ?? '', /5 bytes/);
  assert.deepEqual(readFileSync(cached), good);
});

test('a damaged file in the mirror is an error, not a reason to ask the internet', async (t) => {
  const { options, mirrored, asked } = box(t);
  writeFileSync(mirrored, Buffer.concat([good, good]));
  await assert.rejects(resolveModel('small', { ...options, fetch: true }), {
    code: 'MODEL_CORRUPT',
    message: new RegExp(mirrored),
  });
  assert.deepEqual(asked, []);
});

test('a cache that cannot be written to is named with the remedy', async (t) => {
  const { options, cached, mirrored } = box(t);
  writeFileSync(mirrored, good);
  rmSync(join(cached, '..'), { recursive: true });
  writeFileSync(join(cached, '..'), 'a file where the folder should be');
  await assert.rejects(resolveModel('small', options), {
    code: 'MODEL_CACHE_UNWRITABLE',
    message: new RegExp(cached),
  });
});

test('twenty at once leave one whole file', async (t) => {
  const { options, cached, mirrored } = box(t);
  writeFileSync(mirrored, good);
  await Promise.all(Array.from({ length: 20 }, () => resolveModel('small', options)));
  assert.deepEqual(readdirSync(join(cached, '..')), ['small.onnx']);
  assert.deepEqual(readFileSync(cached), good);
});

test('list tells ready, missing and corrupt apart; verify fails on corrupt, and on missing only when named', async (t) => {
  const { options, cached } = box(t);
  const state = async () => (await listModels(options))[0]?.state;
  assert.equal(await state(), 'missing');
  assert.deepEqual(await verifyModels([], options), { ok: true, models: [] });
  assert.equal((await verifyModels(['small'], options)).ok, false);
  writeFileSync(cached, damaged);
  assert.equal(await state(), 'corrupt');
  assert.equal((await verifyModels([], options)).ok, false);
  writeFileSync(cached, good);
  assert.equal(await state(), 'ready');
  assert.equal((await verifyModels(['small'], options)).ok, true);
});

test('fetch reports each model by itself, and derive refuses one that is taken as it is', async (t) => {
  const { options, cached } = box(t);
  const broken: Download = () => Promise.reject(new Error('no route'));
  assert.deepEqual(await fetchModels([], { ...options, download: broken }), [
    { id: 'small', ok: false, problem: 'no route' },
  ]);
  assert.deepEqual(await fetchModels(['all'], options), [
    { id: 'small', ok: true, origin: 'download', file: cached },
  ]);
  await assert.rejects(deriveModels(['small'], options), { code: 'MODEL_NOT_DERIVED' });
});
