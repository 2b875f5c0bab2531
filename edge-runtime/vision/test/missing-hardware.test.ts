import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { startService } from './real-service.ts';

const skip = ['/dev/dri', '/dev/nvidiactl'].some((path) => existsSync(path)) && 'this computer has a GPU';
const start = (t: Parameters<typeof startService>[0], vision: string) =>
  startService(t, { site: `vision: { ${vision} }` });

test('without the libraries of its execution provider the box sees on the CPU, and health has the remedy', {
  skip,
}, async (t) => {
  const service = await start(t, 'executionProvider: cuda');
  await service.live();
  const { status, detail } = await service.health();
  assert.equal(status, 'degraded');
  assert.match(detail ?? '', /^PROVIDER_UNAVAILABLE: execution provider cuda .*models run on the CPU\./);
  assert.match(
    detail ?? '',
    /models\/README\.md.*executionProvider to cpu.*start the vision service again\.$/,
  );
  assert.equal(service.said.filter((event) => event === 'provider-unavailable').length, 1);
});

test('without its decoding device the box sees in software, and health has the remedy', {
  skip,
}, async (t) => {
  const service = await start(t, 'hardwareDecode: vaapi');
  await service.live();
  const { status, detail } = await service.health();
  assert.equal(status, 'degraded');
  assert.match(detail ?? '', /^HARDWARE_DECODE_UNAVAILABLE: .* vaapi finds no device; .* in software\./);
  assert.match(detail ?? '', /renderD128.*hardwareDecode to none; then start the vision service again\.$/);
  assert.equal(service.said.filter((event) => event === 'hardware-decode-unavailable').length, 1);
  assert.equal(service.said.filter((event) => event === 'decoder-restarts').length, 0);
});
