import assert from 'node:assert/strict';
import { test } from 'node:test';
import { modelEntry } from '@gatehouse/models';
import { tensorFiller } from '../planes.ts';

/** Two pixels: the first G 10, B 20, R 30, the second G 11, B 21, R 31, as ffmpeg's gbrp lays them out. */
const planes = Uint8Array.of(10, 11, 20, 21, 30, 31);

function filled(model: string): number[] {
  const tensor = new Float32Array(6).fill(-1);
  tensorFiller(modelEntry(model).input)(tensor, planes);
  return [...tensor];
}

test('YOLOX takes blue, green, red as bytes', () => {
  assert.deepEqual(filled('yolox-nano-416'), [20, 21, 10, 11, 30, 31]);
});

test('DEIMv2 takes red, green, blue from 0 to 1', () => {
  assert.deepEqual(
    filled('deimv2-atto-320'),
    [30, 31, 10, 11, 20, 21].map((byte) => Math.fround(byte / 255)),
  );
});

test('FastestDet takes blue, green, red from 0 to 1', () => {
  assert.deepEqual(
    filled('fastestdet-352'),
    [20, 21, 10, 11, 30, 31].map((byte) => Math.fround(byte / 255)),
  );
});

test('ULFG takes red, green, blue as (byte - 127) / 128', () => {
  assert.deepEqual(
    filled('ulfg-rfb-320'),
    [30, 31, 10, 11, 20, 21].map((byte) => (byte - 127) / 128),
  );
});

test('frames in shared memory are read as they are', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(6));
  shared.set(planes);
  const tensor = new Float32Array(6);
  tensorFiller(modelEntry('yolox-nano-416').input)(tensor, shared);
  assert.deepEqual([...tensor], [20, 21, 10, 11, 30, 31]);
});
