import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from '@gatehouse/onnx';

const training = join(import.meta.dirname, '..');
const clips = join(training, '..', '..', 'edge-runtime', 'lab', 'sim', 'clips');
const hasTorch = existsSync('/usr/lib/python3/dist-packages/torch');
const hasClips = existsSync(clips) && readdirSync(clips).some((name) => name.endsWith('.mp4'));
const skip = hasTorch ? (hasClips ? false : 'the clips are not there') : 'python3-torch is not installed';

const out = mkdtempSync(join(tmpdir(), 'gatehouse-training-'));
after(() => rmSync(out, { recursive: true, force: true }));

test('the quick training learns from the clips, and its file runs at any size', { skip }, async () => {
  const command = [join(training, 'main.ts'), '--quick', '--minutes', '0.8', '--out', out];
  const { stdout } = await promisify(execFile)(process.execPath, command, { maxBuffer: 1 << 24 });
  // Its table of accuracy: one row for the model, and rows by class and size.
  assert.match(stdout, /^\| gatehouse-compact \| 512x288 \| 0\.\d\d /m);
  assert.match(stdout, /^\| gatehouse-compact \| person \| all \| \d+ /m);

  const steps = readFileSync(join(out, 'log.jsonl'), 'utf8').trim().split('\n');
  const loss = (line: string | undefined) => {
    const { classes, boxes } = JSON.parse(line ?? '');
    return classes + boxes;
  };
  // Untrained it is above 10; what the log has of its first steps is a mean that begins there. How many steps
  // the time is good for depends on the machine: with four others on its cores the loss came from 12.6 to
  // 9.9.
  const [first, last] = [loss(steps[0]), loss(steps.at(-1))];
  assert.ok(last < 0.9 * first, `the loss went from ${first} to ${last}`);

  const session = await InferenceSession.create(join(out, 'gatehouse_compact.onnx'), { logSeverityLevel: 3 });
  for (const [width, height] of [
    [512, 288],
    [416, 320],
  ] as const) {
    const picture = new Tensor('float32', new Float32Array(3 * width * height).fill(114), [
      1,
      3,
      height,
      width,
    ]);
    const { boxes, scores } = await session.run({ picture });
    const cells = [8, 16, 32].reduce((sum, stride) => sum + (width / stride) * (height / stride), 0);
    assert.deepEqual(
      [boxes?.dims, scores?.dims],
      [
        [1, 4, cells],
        [1, 4, cells],
      ],
    );
    for (const score of (scores as Tensor).data as Float32Array) assert.ok(score >= 0 && score <= 1);
  }
  await session.release();
});
