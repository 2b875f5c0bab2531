import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scratchFolder } from '@gatehouse/harness';
import { ManualClock, silentLog } from '@gatehouse/kit';
import { KeptMemory, saveEveryMs } from '../../pipeline/kept-memory.ts';
import { type Moment, Painter, standing, type Thing } from './painted-scene.ts';
import { anyObject, firstFoundS, newForeground, play } from './play.ts';

const carton: Thing = { kind: 'carton', look: 5, box: standing(0.5, 0.7, 0.07, 0.13) };
const putDownAtS = 30;
const script = (t: number): Moment => ({ things: t >= putDownAtS ? [carton] : [] });

/**
 * A camera that is watched for a while and kept in a file, then again by another service that finds the file.
 */
async function startTwice(t: TestContext, changeFile: (file: string) => void = () => undefined) {
  const file = join(scratchFolder(t), 'baselines', 'gate.bin');
  const start = async () => {
    const foreground = newForeground();
    const clock = new ManualClock();
    const kept = new KeptMemory({ memory: foreground, file, clock, log: silentLog });
    await kept.start();
    return { foreground, clock, kept };
  };
  const painter = new Painter(1);
  return {
    file,
    painter,
    first: await start(),
    async second() {
      changeFile(file);
      return (await start()).foreground;
    },
  };
}

for (const stopS of [31, 36, 44])
  test(`a restart ${stopS - putDownAtS} s after a thing was put down neither loses nor doubles it`, async (t) => {
    const { first, second, painter } = await startTwice(t);
    play(script, { toS: stopS, foreground: first.foreground, painter });
    await first.kept.stop();
    const shown = play(script, { fromS: stopS + 4, toS: 120, foreground: await second(), painter });
    const at = firstFoundS(shown);
    assert.ok(at !== undefined && at < stopS + 4 + 20, `found at ${at} s`);
    const after = shown.filter((one) => one.t >= at);
    assert.ok(after.every(({ objects }) => objects.length === 1));
    assert.equal(new Set(after.flatMap(({ objects }) => objects.map(({ id }) => id))).size, 1);
  });

test('a thing that was known before the restart is there with the first frame after it, the same one', async (t) => {
  const { first, second, painter } = await startTwice(t);
  const before = play(script, { toS: 60, foreground: first.foreground, painter }).at(-1)?.objects ?? [];
  assert.equal(before.length, 1);
  await first.kept.stop();
  const shown = play(script, { fromS: 64, toS: 120, foreground: await second(), painter });
  for (const { objects } of shown)
    assert.deepEqual(
      objects.map(({ id, sinceMs }) => ({ id, sinceMs })),
      before.map(({ id, sinceMs }) => ({ id, sinceMs })),
    );
});

test('a service that is killed has what was saved within the last minutes', async (t) => {
  const { first, second, painter, file } = await startTwice(t);
  play(script, { toS: 20, foreground: first.foreground, painter });
  await first.clock.advance(saveEveryMs);
  while (!readable(file)) await new Promise((resolve) => setImmediate(resolve));
  const shown = play(script, { fromS: 40, toS: 80, foreground: await second(), painter });
  assert.equal(shown.at(-1)?.objects.length, 1);
});

test('a baseline of another view is dropped within seconds, and what it held against the picture with it', async (t) => {
  const { first, second, painter } = await startTwice(t);
  play(script, { toS: 60, foreground: first.foreground, painter });
  await first.kept.stop();
  const turned = () => ({ things: [carton], shift: [40, 25] as const });
  const shown = play(turned, { fromS: 64, toS: 140, foreground: await second(), painter });
  assert.equal(anyObject(shown, 64, 64 + 3), true, 'what was known is believed at first');
  assert.equal(anyObject(shown, 64 + 4), false);
});

test('one that is over a day old is learned anew', async (t) => {
  const { first, second, painter } = await startTwice(t);
  play(script, { toS: 60, foreground: first.foreground, painter });
  await first.kept.stop();
  const nextDayS = 60 + 25 * 3600;
  const shown = play(script, { fromS: nextDayS, toS: nextDayS + 40, foreground: await second(), painter });
  assert.equal(anyObject(shown), false);
});

test('a damaged file costs the baseline and nothing else', async (t) => {
  const { first, second, painter } = await startTwice(t, (file) =>
    writeFileSync(file, readFileSync(file).subarray(0, 5_000)),
  );
  play(script, { toS: 60, foreground: first.foreground, painter });
  await first.kept.stop();
  assert.equal(anyObject(play(script, { fromS: 64, toS: 100, foreground: await second(), painter })), false);
});

function readable(file: string): boolean {
  try {
    return readFileSync(file).length > 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
