import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Box, iou } from '@gatehouse/contracts';
import { scratchFolder } from '@gatehouse/harness';
import { decodeClip } from '../../decoder/clip-decoder.ts';
import { loadDetector } from '../../infer/load-detector.ts';
import { greyOf } from '../../scene/grey.ts';
import { Tracker } from '../../track/index.ts';
import { type LeftObject, StaticForeground } from '../index.ts';
import { input } from './painted-scene.ts';
import { wholeFrame } from './play.ts';

const { GATEHOUSE_MEDIA_DIR: media, GATEHOUSE_MODEL_MIRROR: mirror } = process.env;
const skipClips = media ? false : 'needs GATEHOUSE_MEDIA_DIR';
const skipDetector = media && mirror ? false : 'needs GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR';

/** Clips in which nothing is left behind. */
const clips = [
  'empty_lot_60s.mp4',
  'car_stop_75s.mp4',
  'person-bicycle-car-detection.mp4',
  'street_parked_static_60s.mp4',
  'store-aisle-detection_pingpong_60s.mp4',
  'worker-zone-detection_pingpong.mp4',
  'frigate_test_motion_video-1.mp4',
  'frigate_test_motion_video-2.mp4',
  'one-by-one-person-detection.mp4',
];

for (const clip of clips)
  test(`real clip: ${clip} has no object in its whole picture`, { skip: skipDetector }, async (t) => {
    const env = { ...process.env, GATEHOUSE_STATE_DIR: scratchFolder(t) };
    const detector = await loadDetector('yolox-nano-dyn', { env });
    const tracker = new Tracker();
    const foreground = new StaticForeground({ zones: wholeFrame });
    try {
      for await (const frame of decodeClip({
        file: join(media ?? '', clip),
        input: detector.input,
        fps: 5,
      })) {
        const detections = await detector.detect(frame);
        const tracks = tracker.update(frame.atMs, detections, greyOf(frame, detector.input));
        assert.deepEqual(
          foreground.step(frame, detector.input, tracks, frame.atMs),
          [],
          `at ${frame.atMs} ms`,
        );
      }
    } finally {
      await detector.close();
    }
  });

interface Paste {
  readonly name: string;
  /** Clip and time that the thing is cut out of, and where it is there, pixels: width, height, x, y. */
  readonly from: string;
  readonly atS: number;
  readonly crop: readonly [number, number, number, number];
  /** Where it is put down in the empty lot, pixels of 768 x 432: x, y, width, height. */
  readonly to: readonly [number, number, number, number];
}

const broccoli = {
  from: 'fruit-and-vegetable-detection_pingpong.mp4',
  atS: 2,
  crop: [150, 64, 218, 146],
} as const;
const pastes: readonly Paste[] = [
  { name: 'something dark and rough', ...broccoli, to: [300, 250, 90, 40] },
  { name: 'the same small and far, on a line', ...broccoli, to: [500, 90, 48, 24] },
];

/** From 15 s on, a cut-out with soft edges lies in the empty lot; encoded anew, with noise of its own. */
function withPaste(folder: string, { from, atS, crop, to }: Paste): string {
  const file = join(folder, 'left.mp4');
  const [w, h, x, y] = crop;
  const [toX, toY, toW, toH] = to;
  const alpha = '255*clip((1.1-hypot((X-W/2)/(W/2)\\,(Y-H/2)/(H/2)))*7\\,0\\,1)';
  const filter = [
    `[1:v]crop=${w}:${h}:${x}:${y},scale=${toW}:${toH},format=rgba,geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a='${alpha}'[thing]`,
    `[0:v][thing]overlay=${toX}:${toY}:enable='gte(t,15)':eof_action=repeat,noise=alls=4:allf=t,format=yuv420p`,
  ].join(';');
  execFileSync('ffmpeg', [
    ...['-v', 'error', '-y', '-t', '45', '-i', join(media ?? '', 'empty_lot_60s.mp4')],
    ...['-ss', `${atS}`, '-t', '0.04', '-i', join(media ?? '', from)],
    ...['-filter_complex', filter, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '28', '-g', '24', file],
  ]);
  return file;
}

for (const paste of pastes)
  test(`real clip: ${paste.name}, put down in the empty lot, is found`, { skip: skipClips }, async (t) => {
    const file = withPaste(scratchFolder(t), paste);
    const [x, y, w, h] = paste.to;
    const box: Box = { x1: x / 768, y1: y / 432, x2: (x + w) / 768, y2: (y + h) / 432 };
    for (const fps of [0.5, 5]) {
      const foreground = new StaticForeground({ zones: wholeFrame });
      let firstMs: number | undefined;
      let last: readonly LeftObject[] = [];
      for await (const frame of decodeClip({ file, input, fps })) {
        last = foreground.step(frame, input, [], frame.atMs);
        if (last.length > 0) firstMs ??= frame.atMs;
      }
      assert.ok(
        firstMs !== undefined && firstMs >= 30_000 && firstMs < 37_000,
        `${fps} fps: at ${firstMs} ms`,
      );
      assert.equal(last.length, 1);
      const [object] = last;
      const fit = iou(object?.box ?? box, box);
      assert.ok(fit > 0.45, `${fps} fps: overlap ${fit}`);
      assert.ok(Math.abs((object?.sinceMs ?? 0) - 15_000) < 2_500, `${fps} fps: since ${object?.sinceMs}`);
    }
  });
