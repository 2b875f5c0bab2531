import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { TrackFrame } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { loadDetector } from '../../infer/load-detector.ts';
import { createDetector } from '../../infer/test/fake-detector.ts';
import { makeClip } from '../../test/clips.ts';
import { Tracker } from '../../track/index.ts';
import { analyseClip } from '../analyse-clip.ts';
import { probeClip } from '../probe-clip.ts';

async function tracksOf(file: string): Promise<TrackFrame[]> {
  const frames = [];
  const detector = await createDetector({});
  for await (const frame of analyseClip({ file, camera: 'gate', detector, tracker: new Tracker(), fps: 5 }))
    frames.push(TrackFrame.parse(frame));
  return frames;
}

test('a clip gives the same tracks every time, on its own timestamps, every picked frame analysed', async (t) => {
  const file = makeClip(join(scratchFolder(t), 'a.mp4'), { seconds: 3 });
  const first = await tracksOf(file);
  assert.deepEqual(
    first.map(({ atMs }) => atMs),
    Array.from({ length: 15 }, (_, i) => i * 200),
  );
  assert.equal(first.at(-1)?.tracks[0]?.still, true);
  assert.deepEqual(await tracksOf(file), first);
  assert.deepEqual(await probeClip(file), { width: 320, height: 180 });
});

const { GATEHOUSE_MEDIA_DIR: media, GATEHOUSE_MODEL_MIRROR: mirror } = process.env;
const needs = media && mirror ? false : 'needs GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR';

test('the real model sees the car that stands from 8 to 83 s, and nothing in the empty lot', {
  skip: needs,
}, async (t) => {
  const env = { ...process.env, GATEHOUSE_STATE_DIR: scratchFolder(t) };
  const detector = await loadDetector(undefined, { env });
  t.after(() => detector.close());
  const standing = async (name: string) => {
    const seconds: number[] = [];
    const file = join(media ?? '', name);
    for await (const { atMs, tracks } of analyseClip({
      file,
      camera: 'gate',
      detector,
      tracker: new Tracker(),
      fps: 2,
    }))
      if (tracks.some((track) => track.class === 'car' && track.still)) seconds.push(atMs / 1000);
    return seconds;
  };
  const stopped = await standing('car_stop_75s.mp4');
  assert.ok((stopped[0] ?? 0) >= 5 && (stopped[0] ?? 99) <= 13, `first ${stopped[0]}`);
  assert.ok((stopped.at(-1) ?? 0) >= 82 && (stopped.at(-1) ?? 99) <= 87, `last ${stopped.at(-1)}`);
  assert.deepEqual(await standing('empty_lot_60s.mp4'), []);
});
