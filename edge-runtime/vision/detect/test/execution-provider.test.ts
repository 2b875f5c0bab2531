import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundledModel, resolveModel } from '@gatehouse/models';
import { labelledFrames } from '../accuracy/frames.ts';
import { readRendered } from '../accuracy/rendered.ts';
import { createDetector, type ExecutionProvider } from '../index.ts';
import { sessionOptions } from '../onnx-detector.ts';

const pictures = join(import.meta.dirname, 'rendered');
const skip = existsSync('/dev/nvidiactl') && 'this computer has an NVIDIA GPU';

/** Detections of the bundled model in the first rendered picture. */
async function look(executionProvider: ExecutionProvider) {
  const { entry, file } = await resolveModel(bundledModel()?.id ?? 'none', {
    env: { GATEHOUSE_STATE_DIR: join(pictures, 'nowhere') },
  });
  const detector = await createDetector(entry, file, { executionProvider });
  const [medium] = readRendered(pictures);
  assert.ok(medium);
  for await (const planes of labelledFrames(medium, detector.input)) {
    const found = await detector.detect({ planes, sourceWidth: medium.width, sourceHeight: medium.height });
    await detector.close();
    return { found, fault: detector.providerFault };
  }
  throw new TypeError('there is no rendered picture');
}

test('a provider without its libraries leaves the same detections, on the CPU, and says what to do', {
  skip,
}, async () => {
  const cpu = await look('cpu');
  assert.ok(cpu.found.length > 0);
  assert.equal(cpu.fault, undefined);
  const { found, fault } = await look('cuda');
  assert.deepEqual(found, cpu.found);
  assert.equal(fault?.code, 'PROVIDER_UNAVAILABLE');
  assert.match(fault?.message ?? '', /provider cuda cannot be used \(.+\); models run on the CPU/);
  assert.match(fault?.remedy ?? '', /models\/README\.md.*executionProvider to cpu/);
});

test('the CPU computes what the chosen provider cannot', () => {
  assert.deepEqual(sessionOptions(1, 'cuda').executionProviders, ['cuda', 'cpu']);
  assert.deepEqual(sessionOptions().executionProviders, ['cpu']);
});
