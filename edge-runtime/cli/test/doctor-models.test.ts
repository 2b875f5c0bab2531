import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseSite } from '@gatehouse/contracts';
import { type Catalogue, catalogueFile } from '@gatehouse/models';
import { checkModels, checkRedaction, modelsInUse } from '../doctor/models.ts';

const weights = (id: string) => Buffer.from(`the weights of ${id}`);

function box(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'gh-doctor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'models'));
  writeFileSync(join(folder, 'own.onnx'), weights('own'));
  const known = catalogueFile();
  const like = known.models.find(({ source }) => source.kind === 'upstream');
  assert.ok(like);
  const entry = (id: string, recall: number) => ({
    ...like,
    id,
    file: `${id}.onnx`,
    bytes: weights(id).length,
    sha256: createHash('sha256').update(weights(id)).digest('hex'),
    accuracy: { vehicle: { precision: 0.9, recall }, person: { precision: 0.9, recall: 0.75 } },
  });
  const catalogue: Catalogue = {
    ...known,
    measured: { clips: 3, frames: 30, command: 'evaluate' },
    models: [
      { ...entry('usual', 0.8), default: true },
      { ...entry('own', 0.6), default: false, source: { kind: 'bundled', sureFrom: 0.45 } },
    ],
  };
  const options = { env: { GATEHOUSE_STATE_DIR: folder }, catalogue, bundled: folder };
  return { options, cached: join(folder, 'models', 'usual.onnx') };
}

test('doctor says which model runs and what that means: ok with the default, a warning with the bundled one', async (t) => {
  const { options, cached } = box(t);
  assert.deepEqual(await checkModels(undefined, options), [
    {
      name: 'model',
      status: 'warn',
      detail:
        'the bundled own runs, the default usual is not on this box; on real test footage it finds 60 % against 80 % of the vehicles and 75 % against 75 % of the people',
      remedy: 'To run it: npm run gatehouse -- models fetch usual',
    },
  ]);
  writeFileSync(cached, weights('usual'));
  const [check] = await checkModels(undefined, options);
  assert.equal(check?.status, 'ok');
  assert.match(
    check?.detail ?? '',
    /^usual, the catalogue's default; .* finds 80 % .*usual\.onnx, SHA-256 right$/,
  );
});

test('doctor fails on a damaged model with its own remedy, though the bundled one runs', async (t) => {
  const { options, cached } = box(t);
  writeFileSync(cached, 'cut short');
  const [check] = await checkModels(undefined, options);
  assert.equal(check?.status, 'fail');
  assert.match(
    check?.detail ?? '',
    /^the bundled own runs instead of usual; .*\(MODEL_CORRUPT: .*found 9 bytes/,
  );
  assert.match(check?.remedy ?? '', /^Replace .*usual\.onnx or delete it and run: .*models fetch usual$/);
});

test('doctor tells what a running box detects with, and fails where that is a stand-in', () => {
  const own = { id: 'own', width: 512, height: 288, cameras: ['east', 'west'] };
  assert.deepEqual(modelsInUse([{ ...own, why: 'bundled' }]), [
    { name: 'model in use', status: 'ok', detail: 'own at 512x288 for east, west' },
  ]);
  const [check] = modelsInUse([{ ...own, why: 'fallback', instead: { id: 'usual', code: 'MODEL_CORRUPT' } }]);
  assert.deepEqual(
    [check?.status, check?.detail],
    ['fail', 'own at 512x288 for east, west instead of usual (MODEL_CORRUPT)'],
  );
});

test('doctor says that no picture can go without the face model, and asks only where pictures shall go', async (t) => {
  const { options } = box(t);
  const site = (media: string) => {
    const head = 'version: 1\nsite: {id: c, name: {zh-CN: 小区, en: C}}\nbox: {id: b}\n';
    const result = parseSite(`${head}uplink: {url: "mqtts://p.example"${media}}\n`);
    assert.ok(result.ok);
    return result.site;
  };
  const { catalogue: _, ...real } = options;
  const media = (kinds: string) => `, media: {url: "https://m.example", kinds: [${kinds}]}`;
  assert.deepEqual(await checkRedaction(site(''), real), []);
  assert.deepEqual(await checkRedaction(site(media('')), real), []);
  const [check] = await checkRedaction(site(media('fire-passage')), real);
  assert.equal(check?.status, 'fail');
  assert.match(`${check?.detail} ${check?.remedy}`, /MODEL_MISSING.*yunet-n.*models fetch yunet-n/);
});
