import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ServiceHealth } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { type Log, type LogFields, silentLog } from '@gatehouse/kit';
import { type Catalogue, catalogueFile, type ModelEntry } from '@gatehouse/models';
import { visionHealth } from '../../api/health.ts';
import type { ExecutionProvider } from '../../detect/index.ts';
import { ModelSlot } from '../model-slot.ts';

const weights = (id: string) => Buffer.from(`the weights of ${id}`);
const accuracy = (recall: number) => ({
  vehicle: { precision: 0.9, recall },
  person: { precision: 0.9, recall: recall / 2 },
});

/** A slot of a box with a default (or none of it) in its cache and a bundled model of another input size. */
function rig(t: TestContext, named?: string, executionProvider: ExecutionProvider = 'cpu') {
  const folder = scratchFolder(t);
  const known = catalogueFile();
  const like = known.models.find(({ source }) => source.kind === 'upstream');
  assert.ok(like);
  const entry = (id: string, more: Partial<ModelEntry>): ModelEntry => {
    const sha256 = createHash('sha256').update(weights(id)).digest('hex');
    return { ...like, id, file: `${id}.onnx`, bytes: weights(id).length, sha256, ...more };
  };
  const usual = entry('usual', { default: true, accuracy: accuracy(0.8) });
  const own = entry('own', {
    default: false,
    accuracy: accuracy(0.6),
    source: { kind: 'bundled', sureFrom: 0.45 },
    input: { ...like.input, width: 512, height: 288 },
  });
  const measured = { clips: 3, frames: 30, command: 'evaluate' };
  const catalogue: Catalogue = { ...known, measured, models: [usual, own] };
  const env = { GATEHOUSE_STATE_DIR: folder };
  mkdirSync(join(folder, 'models'));
  writeFileSync(join(folder, 'own.onnx'), weights('own'));
  const cached = join(folder, 'models', 'usual.onnx');
  const said: [string, LogFields | undefined][] = [];
  const say = (event: string, fields?: LogFields) => void said.push([event, fields]);
  const log: Log = { ...silentLog, info: say, warn: say, error: say };
  const slot = () =>
    new ModelSlot({
      named,
      executionProvider,
      cameras: ['gate'],
      log,
      places: { env, catalogue, bundled: folder },
    });
  return { cached, said, slot };
}

const ready = { state: 'ready', failure: undefined, restarts: 0, inferences: 9 } as const;
const healthOf = (slot: ModelSlot) =>
  visionHealth({
    cameras: [],
    lanes: [{ model: 'default', status: ready, inUse: slot.inUse, fault: slot.fault }],
  });

test('the default runs where it is at hand, and health says which model, of what size, and how good', async (t) => {
  const { cached, slot } = rig(t);
  writeFileSync(cached, weights('usual'));
  const one = slot();
  const { args } = await one.recipe();
  assert.equal(args[1], cached);
  assert.deepEqual(healthOf(one), {
    status: 'ok',
    models: [
      {
        id: 'usual',
        why: 'default',
        width: 416,
        height: 416,
        cameras: ['gate'],
        recall: { vehicle: 0.8, person: 0.4 },
      },
    ],
  });
});

test('without the default the bundled one runs, the box is well, and health says what is missed', async (t) => {
  const { slot } = rig(t);
  const one = slot();
  await one.recipe();
  const { status, models } = healthOf(one);
  assert.equal(status, 'ok');
  const [model] = models ?? [];
  assert.deepEqual([model?.id, model?.why, model?.width, model?.height], ['own', 'bundled', 512, 288]);
  assert.deepEqual(model?.instead, {
    id: 'usual',
    code: 'MODEL_MISSING',
    recall: { vehicle: 0.8, person: 0.4 },
  });
});

test('a file that breaks under a box at work is passed over, in the log and in health, and stays a fault over a restart', async (t) => {
  const { cached, said, slot } = rig(t);
  writeFileSync(cached, weights('usual'));
  const first = slot();
  await first.recipe();
  rmSync(cached);
  const lost = { code: 'DETECTOR_LOST', message: 'it died', remedy: '' };
  await first.recipe(lost);
  const after = slot();
  await after.recipe();
  for (const one of [first, after]) {
    const { status, detail, models } = healthOf(one);
    assert.equal(status, 'degraded');
    assert.match(
      detail ?? '',
      /^model usual does not run \(MODEL_MISSING\), own runs instead\. Run: .*fetch usual/,
    );
    assert.deepEqual([models?.[0]?.id, models?.[0]?.why], ['own', 'fallback']);
  }
  const told = said.filter(([event]) => event === 'model-chosen').map(([, fields]) => fields);
  assert.deepEqual(
    told.map((fields) => [fields?.model, fields?.before, fields?.insteadOf]),
    [
      ['usual', undefined, undefined],
      ['own', 'usual', 'usual'],
      ['own', undefined, 'usual'],
    ],
  );
});

test('a model that does not load is passed over; when the bundled one does not either, all are tried again', async (t) => {
  const { cached, slot } = rig(t);
  writeFileSync(cached, weights('usual'));
  const one = slot();
  const unloadable = { code: 'MODEL_UNLOADABLE', message: 'no memory', remedy: 'Free some.' };
  await one.recipe();
  await one.recipe(unloadable);
  assert.deepEqual([one.inUse?.id, one.inUse?.instead?.code], ['own', 'MODEL_UNLOADABLE']);
  await assert.rejects(one.recipe(unloadable), { code: 'MODEL_UNLOADABLE' });
  await one.recipe(unloadable);
  assert.equal(one.inUse?.id, 'usual');
});

test('a name that no catalogue has leaves no camera blind, however long it is', async (t) => {
  const one = rig(t, 'yolo-9000').slot();
  await one.recipe();
  assert.match(
    healthOf(one).detail ?? '',
    /^model yolo-9000 does not run \(MODEL_UNKNOWN\), own runs instead/,
  );
  const long = rig(t, 'y'.repeat(500)).slot();
  await long.recipe();
  ServiceHealth.parse(healthOf(long));
});

test('a provider on which an inference fails is left for the CPU, once, with a warning and the remedy', async (t) => {
  const { cached, said, slot } = rig(t, undefined, 'cuda');
  writeFileSync(cached, weights('usual'));
  const one = slot();
  const providerOf = ({ args }: Awaited<ReturnType<ModelSlot['recipe']>>) =>
    (args[2] as { executionProvider: ExecutionProvider }).executionProvider;
  assert.equal(providerOf(await one.recipe()), 'cuda');
  const recycled = { code: 'DETECTOR_RECYCLED', message: 'replaced.', remedy: 'None.' };
  assert.equal(
    providerOf(await one.recipe(recycled)),
    'cuda',
    'a worker that was well says nothing against it',
  );
  const failed = { code: 'DETECTOR_FAILED', message: 'CUDA error: out of memory', remedy: 'See the log.' };
  for (let time = 0; time < 2; time++) assert.equal(providerOf(await one.recipe(failed)), 'cpu');
  assert.match(one.providerFault?.message ?? '', /cuda cannot be used \(CUDA error: out of memory\)/);
  assert.equal(said.filter(([event]) => event === 'provider-given-up').length, 1);
});
