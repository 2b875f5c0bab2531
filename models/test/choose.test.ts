import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import {
  type Catalogue,
  catalogueFile,
  chooseModel,
  type Download,
  fetchModels,
  listModels,
  type ModelEntry,
  noteDefaultRuns,
  resolveModel,
  verifyModels,
} from '../index.ts';
import { sha256Of } from '../model-file.ts';

const weights = (id: string) => Buffer.from(`the weights of ${id}`);

/** A box whose catalogue has a default, a big one to name, a bundled one and one for faces. */
function box(t: TestContext, { bundled = true } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-choose-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const known = catalogueFile();
  const [like] = known.models.filter(({ source }) => source.kind === 'upstream');
  assert.ok(like);
  const entry = (id: string, more: Partial<ModelEntry> = {}): ModelEntry => ({
    ...like,
    id,
    file: `${id}.onnx`,
    bytes: weights(id).length,
    sha256: sha256Of(weights(id)),
    default: false,
    ...more,
  });
  const own = entry('own', { source: { kind: 'bundled', sureFrom: 0.45 } });
  const models = [entry('usual', { default: true }), entry('big'), entry('faces', { task: 'faces' })];
  const catalogue: Catalogue = { ...known, measured: undefined, models: bundled ? [...models, own] : models };
  const folders = {
    state: join(root, 'state'),
    mirror: join(root, 'mirror'),
    bundled: join(root, 'bundled'),
  };
  for (const folder of [join(folders.state, 'models'), folders.mirror, folders.bundled])
    mkdirSync(folder, { recursive: true });
  const place =
    (folder: string) =>
    (id: string, bytes: Uint8Array = weights(id)) =>
      writeFileSync(join(folder, `${id}.onnx`), bytes);
  place(folders.bundled)('own');
  const asked: string[] = [];
  const download: Download = async ({ id }) => {
    asked.push(id);
    throw new GatehouseError('MODEL_FETCH_FAILED', 'peer', 'no way out', 'Wait.');
  };
  return {
    options: {
      env: { GATEHOUSE_STATE_DIR: folders.state, GATEHOUSE_MODEL_MIRROR: folders.mirror },
      catalogue,
      bundled: folders.bundled,
      download,
    },
    cache: place(join(folders.state, 'models')),
    mirror: place(folders.mirror),
    own: place(folders.bundled),
    ran: (id: string) => noteDefaultRuns(id, { GATEHOUSE_STATE_DIR: folders.state }),
    asked,
  };
}

type Rig = ReturnType<typeof box>;
const wrong = Buffer.from('cut short');
const brief = async (choice: ReturnType<typeof chooseModel>) => {
  const { entry, why, instead } = await choice;
  return [entry.id, why, ...(instead ? [instead.id, instead.failure.code] : [])];
};

const cases: readonly [
  what: string,
  prepare: (rig: Rig) => Promise<void> | void,
  named: string | undefined,
  more: Omit<NonNullable<Parameters<typeof chooseModel>[1]>, 'env'>,
  chosen: readonly string[],
][] = [
  ['the default from the cache', ({ cache }) => cache('usual'), undefined, {}, ['usual', 'default']],
  ['the default from the mirror', ({ mirror }) => mirror('usual'), undefined, {}, ['usual', 'default']],
  [
    'the default from the internet, where asking is allowed',
    () => undefined,
    undefined,
    { fetch: true, download: async () => weights('usual') },
    ['usual', 'default'],
  ],
  ['the model that the site names', ({ cache }) => cache('big'), 'big', {}, ['big', 'named']],
  ['the bundled model by its name', () => undefined, 'own', {}, ['own', 'named']],
  [
    'the bundled model on a fresh machine',
    () => undefined,
    undefined,
    {},
    ['own', 'bundled', 'usual', 'MODEL_MISSING'],
  ],
  [
    'the bundled model where the internet is out of reach',
    () => undefined,
    undefined,
    { fetch: true },
    ['own', 'bundled', 'usual', 'MODEL_FETCH_FAILED'],
  ],
  [
    'the bundled model for a damaged default, as a fault',
    ({ cache }) => cache('usual', wrong),
    undefined,
    {},
    ['own', 'fallback', 'usual', 'MODEL_CORRUPT'],
  ],
  [
    'the bundled model for a default that ran here and is gone, as a fault',
    ({ ran }) => ran('usual'),
    undefined,
    {},
    ['own', 'fallback', 'usual', 'MODEL_MISSING'],
  ],
  [
    'the bundled model for a default that does not load, as a fault',
    ({ cache }) => cache('usual'),
    undefined,
    { unusable: new Map([['usual', new GatehouseError('MODEL_UNLOADABLE', 'environment', 'no', 'yes')]]) },
    ['own', 'fallback', 'usual', 'MODEL_UNLOADABLE'],
  ],
  [
    'the bundled model for a named one that is not here, as a fault',
    () => undefined,
    'big',
    {},
    ['own', 'fallback', 'big', 'MODEL_MISSING'],
  ],
  [
    'the bundled model for a name that nobody knows, as a fault',
    () => undefined,
    'bigger',
    {},
    ['own', 'fallback', 'bigger', 'MODEL_UNKNOWN'],
  ],
  [
    'the bundled model for one that finds no objects, as a fault',
    ({ cache }) => cache('faces'),
    'faces',
    {},
    ['own', 'fallback', 'faces', 'MODEL_TASK'],
  ],
];

for (const [what, prepare, named, more, chosen] of cases)
  test(`chosen: ${what}`, async (t) => {
    const rig = box(t);
    await prepare(rig);
    assert.deepEqual(await brief(chooseModel(named, { ...rig.options, ...more })), chosen);
    assert.deepEqual(rig.asked, more.fetch && !more.download ? ['usual'] : []);
  });

test('where the bundled model cannot take the place, the wanted one is what is complained of', async (t) => {
  const without = box(t, { bundled: false });
  await assert.rejects(chooseModel(undefined, without.options), { code: 'MODEL_MISSING', message: /usual/ });
  const { own, options } = box(t);
  own('own', wrong);
  await assert.rejects(chooseModel(undefined, options), {
    code: 'MODEL_MISSING',
    message: /usual.*bundled own cannot take its place \(MODEL_CORRUPT: .*own\.onnx/,
  });
  await assert.rejects(chooseModel('own', options), {
    code: 'MODEL_CORRUPT',
    remedy: /part of the software/,
  });
});

test('a bundled model is used where it lies: nothing to fetch, and damage is an error with its remedy', async (t) => {
  const { own, options, asked } = box(t);
  const { origin, file } = await resolveModel('own', { ...options, fetch: true });
  assert.deepEqual([origin, file], ['bundled', join(options.bundled, 'own.onnx')]);
  assert.deepEqual(await fetchModels(['own'], options), [{ id: 'own', ok: true, origin: 'bundled', file }]);
  const status = async () => (await listModels(options)).find(({ id }) => id === 'own');
  assert.deepEqual([(await status())?.state, (await status())?.source], ['ready', 'part of this software']);
  assert.deepEqual((await verifyModels([], options)).ok, true);
  own('own', wrong);
  assert.equal((await status())?.state, 'corrupt');
  assert.equal((await verifyModels([], options)).ok, false);
  rmSync(file);
  assert.equal((await verifyModels([], options)).ok, false, 'part of the software is missing');
  assert.deepEqual(asked, []);
});
