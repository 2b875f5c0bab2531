import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { InferenceSession, Tensor } from '@gatehouse/onnx';
import { quantise } from '../quantise.ts';

const skip = existsSync('/usr/lib/python3/dist-packages/torch') ? false : 'python3-torch is not installed';
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-quantise-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** A network of random weights, and what PyTorch itself makes of a picture of noise. */
const program = `
import sys, numpy, torch
from pathlib import Path
from gatehouse_detector.export import Exported, export
from gatehouse_detector.net import Detector
torch.manual_seed(5)
net = Detector()
for module in net.modules():
    if isinstance(module, torch.nn.BatchNorm2d):
        module.running_mean.normal_(0, 0.1); module.running_var.uniform_(0.5, 1.5)
out = Path(sys.argv[1])
export(net, out / "float.onnx", 64, 32)
picture = torch.randint(0, 256, (1, 3, 64, 96)).float()
with torch.no_grad():
    boxes, scores = Exported(net)(picture)
for name, value in (("picture", picture), ("boxes", boxes), ("scores", scores)):
    (out / name).write_bytes(numpy.ascontiguousarray(value.numpy()).tobytes())
`;

async function floats(name: string): Promise<Float32Array> {
  return new Float32Array(Uint8Array.from(await readFile(join(folder, name))).buffer);
}

/** Greatest difference, and the spread of what is expected. */
function apart(
  found: Float32Array,
  expected: Float32Array,
): { readonly most: number; readonly spread: number } {
  assert.equal(found.length, expected.length);
  const most = Math.max(...expected.map((value, index) => Math.abs(value - (found[index] ?? Number.NaN))));
  return { most, spread: Math.max(...expected) - Math.min(...expected) };
}

async function answers(model: Uint8Array) {
  const picture = new Tensor('float32', await floats('picture'), [1, 3, 64, 96]);
  const session = await InferenceSession.create(model, { logSeverityLevel: 3 });
  const { boxes, scores } = await session.run({ picture });
  await session.release();
  return { boxes: boxes?.data as Float32Array, scores: scores?.data as Float32Array };
}

test('the exported file answers as PyTorch does, at another size too; quantised, nearly so', {
  skip,
}, async () => {
  await promisify(execFile)('/usr/bin/python3', ['-B', '-c', program, folder], {
    cwd: join(import.meta.dirname, '..'),
  });
  const model = await readFile(join(folder, 'float.onnx'));
  const [boxes, scores] = [await floats('boxes'), await floats('scores')];
  const exported = await answers(model);
  assert.ok(apart(exported.boxes, boxes).most < 1e-2);
  assert.ok(apart(exported.scores, scores).most < 1e-4);

  const planes = await floats('picture');
  const pixels = planes.length / 3;
  const bytes = Uint8Array.from(
    planes,
    (_, index) => planes[(index % 3) * pixels + Math.floor(index / 3)] ?? 0,
  );
  const quantised = await quantise(model, { width: 96, height: 64, bytes: [bytes] });
  assert.ok(quantised.length < model.length / 3, `${quantised.length} of ${model.length} bytes`);
  const found = await answers(quantised);
  const worst = apart(found.boxes, boxes);
  assert.ok(worst.most < 0.05 * worst.spread, `boxes ${worst.most} of ${worst.spread} apart`);
  assert.ok(worst.most > 0, 'nothing was quantised');
});
