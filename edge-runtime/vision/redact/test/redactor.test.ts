import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { systemClock } from '@gatehouse/kit';
import sharp from 'sharp';
import { Redactor } from '../redactor.ts';
import { noModels, ownCache } from './models.ts';

const clock = systemClock;
const still = () =>
  sharp({ create: { width: 320, height: 180, channels: 3, background: '#305070' } })
    .jpeg()
    .toBuffer();

/** A redactor whose program is `body`. */
function pretending(t: TestContext, body: string, withinMs = 20_000): Redactor {
  const program = join(scratchFolder(t), 'program.mjs');
  writeFileSync(program, body);
  return new Redactor({ clock, program, withinMs });
}

test('without a face model on the box no picture goes, and the error names the model and the remedy', async (t) => {
  const redactor = new Redactor({ clock, env: ownCache(t, false) });
  await assert.rejects(
    redactor.redact(await still(), 5),
    (error: Error & { code?: string; remedy?: string }) => {
      assert.equal(error.code, 'MODEL_MISSING');
      assert.match(error.message, /yunet-n/);
      assert.match(error.remedy ?? '', /models fetch yunet-n/);
      return true;
    },
  );
});

test('a still goes in and a redacted picture comes out', { skip: noModels }, async (t) => {
  const redactor = new Redactor({ clock, env: ownCache(t) });
  const { jpeg, facts } = await redactor.redact(await still(), 5);
  assert.deepEqual([facts.width, facts.height], [320, 180]);
  assert.equal(facts.redaction.faceModel, 'yunet-n');
  assert.equal((await sharp(jpeg).metadata()).width, 320);
});

test('a damaged face model gives no picture', { skip: noModels }, async (t) => {
  const env = { ...ownCache(t, false), GATEHOUSE_MODEL_MIRROR: scratchFolder(t) };
  writeFileSync(join(env.GATEHOUSE_MODEL_MIRROR, 'yunet_n_dynamic.onnx'), 'not a model');
  await assert.rejects(new Redactor({ clock, env }).redact(await still(), 5), { code: 'MODEL_CORRUPT' });
});

test('a program that hangs is killed, and no picture goes', async (t) => {
  const redactor = pretending(t, 'setInterval(() => undefined, 1000);', 300);
  await assert.rejects(redactor.redact(await still(), 5), { code: 'REDACTION_TIMEOUT' });
});

test('a program that has answered all but the end in time is late all the same', async (t) => {
  const line = JSON.stringify({ width: 1, height: 1, redaction: {} });
  const redactor = pretending(
    t,
    `process.stdout.write('${line}\\nabc'); setInterval(() => undefined, 1000);`,
    600,
  );
  await assert.rejects(redactor.redact(await still(), 5), { code: 'REDACTION_TIMEOUT' });
});

test('a program that crashes, says nothing, says nonsense, or too much, gives no picture', async (t) => {
  for (const body of [
    'process.abort();',
    '',
    'process.stdout.write("nonsense\\n");',
    'process.stdout.write(Buffer.alloc(3e6));',
    'process.stdout.write(JSON.stringify({ width: 10, height: 10, redaction: { faces: 0 } }) + "\\nJPEG");',
  ])
    await assert.rejects(pretending(t, body).redact(await still(), 5), { code: 'REDACTION_FAILED' }, body);
});

test('one picture is redacted at a time, four wait, and one more is refused', async (t) => {
  const redactor = pretending(t, 'setTimeout(() => process.exit(1), 200);');
  const jpeg = await still();
  const ends = await Promise.allSettled(Array.from({ length: 6 }, () => redactor.redact(jpeg, 5)));
  const codes = ends.map((end) => (end.status === 'rejected' ? end.reason.code : 'fulfilled'));
  assert.deepEqual(codes.sort(), ['REDACTION_BUSY', ...Array.from({ length: 5 }, () => 'REDACTION_FAILED')]);
});
