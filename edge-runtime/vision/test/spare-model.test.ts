import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundledModel, modelEntry } from '@gatehouse/models';
import { startService } from './real-service.ts';

test('with a damaged default the service sees through the bundled model, and says what is wrong and what to do', async (t) => {
  const service = await startService(t, { models: { [modelEntry().file]: 'cut short' } });
  await service.live();
  const health = await service.health();
  assert.equal(health.status, 'degraded');
  assert.match(health.detail ?? '', new RegExp(`^model ${modelEntry().id} does not run \\(MODEL_CORRUPT\\)`));
  assert.match(health.detail ?? '', /models fetch/);
  const [model] = health.models ?? [];
  assert.deepEqual(
    [model?.id, model?.why, model?.cameras, model?.instead?.code],
    [bundledModel()?.id, 'fallback', ['gate'], 'MODEL_CORRUPT'],
  );
});
