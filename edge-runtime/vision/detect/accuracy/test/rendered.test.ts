import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GatehouseError } from '@gatehouse/kit';
import sharp from 'sharp';
import { labelledFrames } from '../frames.ts';
import { readRendered } from '../rendered.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-rendered-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const label = (name: string, x2: number, visible: number) => ({
  id: 'a',
  class: name,
  kind: 'sedan',
  box: { x1: 0, y1: 0, x2, y2: 10 },
  whole: { x1: 0, y1: 0, x2, y2: 10 },
  visible,
  cut: false,
});
const line = (file: string, labels: unknown[]) =>
  JSON.stringify({ file, width: 640, height: 360, light: 'day', labels });
const colours = ['#ff0000', '#00ff00', '#0000ff'];
for (const [index, background] of colours.entries())
  await sharp({ create: { width: 640, height: 360, channels: 3, background } })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4' })
    .toFile(join(folder, `00000${index}.jpg`));
writeFileSync(
  join(folder, 'labels.jsonl'),
  [
    line('000000.jpg', [
      label('car', 64, 1),
      label('car', 19, 1),
      label('person', 64, 0.49),
      label('clutter', 64, 1),
    ]),
    line('000001.jpg', []),
    line('000002.jpg', [label('truck', 20, 0.5)]),
    '',
  ].join('\n'),
);

test('small and hidden objects are unsure, clutter is none, boxes are fractions', () => {
  const [medium] = readRendered(folder);
  assert.deepEqual(
    medium?.frames.map(({ objects }) => objects.map(({ class: name, sure }) => [name, sure])),
    [
      [
        ['car', true],
        ['car', false],
        ['person', false],
      ],
      [],
      // 20 of 640 pixels are 16 of 512.
      [['truck', true]],
    ],
  );
  assert.deepEqual(medium?.frames[0]?.objects[0]?.box, { x1: 0, y1: 0, x2: 0.1, y2: 10 / 360 });
});

test('the pictures come one for each label, in their order and colours', async () => {
  const [medium] = readRendered(folder, 2);
  assert.ok(medium);
  const found: string[] = [];
  const input = { width: 64, height: 64, fit: 'letterbox', pad: 114 } as const;
  for await (const planes of labelledFrames(medium, input)) {
    const at = (plane: number, x: number, y: number) => planes[plane * 64 * 64 + y * 64 + x] as number;
    const [green, blue, red] = [0, 1, 2].map((plane) => Math.round(at(plane, 5, 5) / 255));
    found.push(`${red}${green}${blue}`);
    // 640x360 fills 64x36.
    assert.deepEqual([at(0, 5, 40), at(1, 5, 40), at(2, 5, 40)], [114, 114, 114]);
  }
  assert.deepEqual(found, ['100', '001']);
});

test('a folder without labels is an error that says how to make some', () => {
  assert.throws(
    () => readRendered(tmpdir()),
    (error) => error instanceof GatehouseError && /npm run sim/.test(error.remedy),
  );
});
