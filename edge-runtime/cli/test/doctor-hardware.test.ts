import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseSite, type VisionHardware } from '@gatehouse/contracts';
import { checkHardware } from '../doctor/hardware.ts';

const skip = ['/dev/dri', '/dev/nvidiactl'].some((path) => existsSync(path)) && 'this computer has a GPU';

function check(vision: Partial<VisionHardware>) {
  const text = 'version: 1\nsite: { id: s, name: { zh-CN: 甲, en: A } }\nbox: { id: b }\n';
  const result = parseSite(`${text}vision: ${JSON.stringify(vision)}\n`);
  assert.ok(result.ok);
  return checkHardware(result.site, { env: { GATEHOUSE_STATE_DIR: join(tmpdir(), 'no-such-state') } });
}

test('doctor is content with software and the CPU', async () => {
  assert.deepEqual(await check({}), [
    { name: 'hardware decode', status: 'ok', detail: 'none: cameras are decoded in software' },
    { name: 'execution provider', status: 'ok', detail: 'cpu' },
  ]);
  assert.deepEqual(await checkHardware(undefined), []);
});

test('doctor warns of hardware that the site asks for and the box lacks, one line each with the remedy', {
  skip,
}, async () => {
  for (const hardwareDecode of ['auto', 'vaapi', 'cuda'] as const) {
    const [decode, provider] = await check({ hardwareDecode, executionProvider: 'cuda' });
    assert.deepEqual([decode?.status, provider?.status], ['warn', 'warn']);
    assert.match(decode?.detail ?? '', new RegExp(`^hardware decode ${hardwareDecode} finds no device`));
    assert.match(decode?.remedy ?? '', /systemd\/README\.md.*hardwareDecode to none/);
    assert.match(provider?.detail ?? '', /^execution provider cuda cannot be used/);
    assert.match(provider?.remedy ?? '', /models\/README\.md.*executionProvider to cpu/);
  }
});
