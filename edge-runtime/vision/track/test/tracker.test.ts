import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Box, ObjectClass, Track } from '@gatehouse/contracts';
import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';
import type { Detection } from '../../detect/detector.ts';
import { Tracker } from '../index.ts';

const at = (cx: number, cy: number, size = 0.1): Box => ({
  x1: cx - size / 2,
  y1: cy - size / 2,
  x2: cx + size / 2,
  y2: cy + size / 2,
});
const seen = (box: Box, score = 0.8, name: ObjectClass = 'car'): Detection => ({ class: name, score, box });
const only = (tracks: readonly Track[]): Track => {
  assert.equal(tracks.length, 1);
  return tracks[0] as Track;
};
/** Updates at a frame rate over [fromS, toS), the script giving each frame's detections. */
function play(
  tracker: Tracker,
  fps: number,
  fromS: number,
  toS: number,
  script: (t: number) => Detection[],
): Track[] {
  let tracks: Track[] = [];
  for (let t = fromS; t < toS - 1e-9; t += 1 / fps) tracks = tracker.update(t * 1000, script(t));
  return tracks;
}

test('ids rise from 1 and each object keeps its own', () => {
  const tracker = new Tracker();
  const tracks = play(tracker, 5, 0, 4, (t) => [
    seen(at(0.2 + 0.05 * t, 0.3)),
    seen(at(0.2 + 0.05 * t, 0.6), 0.7, 'person'),
  ]);
  assert.deepEqual(
    tracks.map((t) => [t.id, t.class]),
    [
      [1, 'car'],
      [2, 'person'],
    ],
  );
});

test('a car that flickers to truck and bus stays one track of the class with most score behind it', () => {
  const tracker = new Tracker();
  const names: ObjectClass[] = ['car', 'truck', 'car', 'bus', 'car'];
  let i = 0;
  const track = only(
    play(tracker, 5, 0, 10, () => {
      const name = names[i++ % names.length] as ObjectClass;
      return [seen(at(0.5, 0.5), name === 'car' ? 0.6 : 0.5, name)];
    }),
  );
  assert.deepEqual([track.id, track.class], [1, 'car']);
});

test('one car detected as car and as truck in the same frame is one track', () => {
  const tracker = new Tracker();
  only(play(tracker, 5, 0, 2, () => [seen(at(0.5, 0.5), 0.6, 'car'), seen(at(0.502, 0.5), 0.5, 'truck')]));
});

test('a person in front of a car is never taken for the car', () => {
  const tracker = new Tracker();
  play(tracker, 5, 0, 2, () => [seen(at(0.5, 0.5), 0.8, 'car')]);
  const tracks = tracker.update(2000, [seen(at(0.5, 0.5), 0.8, 'person')]);
  assert.deepEqual(
    tracks.map((t) => [t.class, t.seen]),
    [
      ['car', false],
      ['person', true],
    ],
  );
});

for (const fps of [2, 5, 25])
  test(`at ${fps} fps a track coasts through two seconds unseen, then ends`, () => {
    const tracker = new Tracker();
    play(tracker, fps, 0, 4, () => [seen(at(0.5, 0.5))]);
    const coasting = only(play(tracker, fps, 4, 5.5, () => []));
    assert.deepEqual([coasting.id, coasting.seen], [1, false]);
    const back = only(tracker.update(5600, [seen(at(0.5, 0.5))]));
    assert.deepEqual([back.id, back.seen], [1, true]);
    assert.deepEqual(
      play(tracker, fps, 5.7, 8.7, () => []),
      [],
    );
  });

test('a low score continues a track but starts none', () => {
  const tracker = new Tracker();
  assert.deepEqual(
    play(tracker, 5, 0, 1, () => [seen(at(0.5, 0.5), 0.2)]),
    [],
  );
  play(tracker, 5, 1, 2, () => [seen(at(0.5, 0.5), 0.8)]);
  const weak = only(play(tracker, 5, 2, 8, () => [seen(at(0.5, 0.5), 0.2)]));
  assert.deepEqual([weak.id, weak.seen], [1, true]);
});

test('what its model doubts continues a track, whatever it scores, and starts none', () => {
  const tracker = new Tracker();
  const doubtful = { ...seen(at(0.5, 0.5), 0.45), doubtful: true } as const;
  assert.deepEqual(
    play(tracker, 5, 0, 3, () => [doubtful]),
    [],
  );
  const { id } = only(play(tracker, 5, 3, 4, () => [seen(at(0.5, 0.5))]));
  assert.equal(only(play(tracker, 5, 4, 20, () => [doubtful])).id, id);
});

test('a flash of one frame does not coast', () => {
  const tracker = new Tracker();
  tracker.update(0, [seen(at(0.5, 0.5))]);
  assert.deepEqual(tracker.update(200, []), []);
});

test('two cars that pass each other at half a box distance keep their ids', () => {
  const tracker = new Tracker();
  const tracks = play(tracker, 10, 0, 5, (t) => [
    seen(at(0.1 + 0.16 * t, 0.4)),
    seen(at(0.9 - 0.16 * t, 0.47)),
  ]);
  assert.equal(tracks.length, 2);
  const [first, second] = tracks as [Track, Track];
  assert.ok(first.id === 1 && first.box.x1 > 0.7, `first ended at ${first.box.x1}`);
  assert.ok(second.id === 2 && second.box.x2 < 0.3, `second ended at ${second.box.x2}`);
});

test('a frame that is not newer than the last one changes nothing', () => {
  const tracker = new Tracker();
  play(tracker, 5, 0, 2, () => [seen(at(0.5, 0.5))]);
  const before = tracker.update(2000, [seen(at(0.5, 0.5))]);
  assert.deepEqual(tracker.update(2000, []), before);
  assert.deepEqual(tracker.update(1200, [seen(at(0.1, 0.1))]), before);
  assert.equal(only(tracker.update(2200, [seen(at(0.5, 0.5))])).id, 1);
});

test('a parked car is found again after a gap; what moved is not taken for it', () => {
  const tracker = new Tracker();
  play(tracker, 5, 0, 4, (t) => [seen(at(0.5, 0.5)), seen(at(0.1 + 0.02 * t, 0.2))]);
  const tracks = tracker.update(64_000, [seen(at(0.5, 0.5)), seen(at(0.8, 0.2))]);
  assert.deepEqual(
    tracks.map((t) => t.id),
    [1, 3],
  );
});

test('the number of tracks is bounded, and the best scores are kept', () => {
  const tracker = new Tracker({ maxTracks: 3 });
  const tracks = tracker.update(
    0,
    [0.5, 0.9, 0.6, 0.7, 0.8].map((score, i) => seen(at(0.1 + 0.15 * i, 0.5), score)),
  );
  assert.deepEqual(tracks.map((t) => t.score).sort(), [0.7, 0.8, 0.9]);
});

test('boxes without area and scores that are no number are not followed', () => {
  const tracker = new Tracker();
  const none = { x1: 0.5, y1: 0.5, x2: 0.5, y2: 0.6 };
  assert.deepEqual(tracker.update(0, [seen(none), seen(at(0.5, 0.5), Number.NaN)]), []);
});

test('stillness: a standing, jittering car is still after about two seconds at any frame rate from 1 to 25', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 25 }), fc.nat(), (fps, seed) => {
      const random = seededRandom(seed);
      const jitter = () => (random() - 0.5) * 0.008;
      const tracker = new Tracker();
      const standing = () => [seen(at(0.5 + jitter(), 0.5 + jitter(), 0.1 + jitter()))];
      assert.equal(only(play(tracker, fps, 0, 1.4, standing)).still, false);
      assert.equal(only(play(tracker, fps, Math.ceil(1.4 * fps) / fps, 4.2, standing)).still, true);
    }),
    { seed: 1, numRuns: 100 },
  );
});

test('stillness: a car at walking pace is not still; one stray box does not end it, driving off does', () => {
  const moving = new Tracker();
  assert.equal(only(play(moving, 5, 0, 4, (t) => [seen(at(0.2 + 0.04 * t, 0.5))])).still, false);

  const tracker = new Tracker();
  play(tracker, 5, 0, 4, () => [seen(at(0.5, 0.5))]);
  assert.equal(only(tracker.update(4000, [seen(at(0.535, 0.5))])).still, true);
  assert.equal(only(play(tracker, 5, 4.2, 6, () => [seen(at(0.5, 0.5))])).still, true);
  assert.equal(only(play(tracker, 5, 6, 7.2, (t) => [seen(at(0.5 + 0.1 * (t - 6), 0.5))])).still, false);
});

test('whatever the detections, boxes stay in the picture, ids are unique and the output is bounded', () => {
  const box = fc
    .tuple(
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.double({ min: 0, max: 0.9, noNaN: true }),
      fc.double({ min: 0.01, max: 0.5, noNaN: true }),
    )
    .map(([x1, y1, size]) => ({ x1, y1, x2: Math.min(1, x1 + size), y2: Math.min(1, y1 + size) }));
  const detection = fc.record({
    class: fc.constantFrom<ObjectClass>('car', 'truck', 'person', 'motorcycle'),
    score: fc.double({ min: 0, max: 1, noNaN: true }),
    box,
  });
  const frames = fc.array(
    fc.tuple(fc.integer({ min: -100, max: 5000 }), fc.array(detection, { maxLength: 8 })),
    {
      maxLength: 40,
    },
  );
  fc.assert(
    fc.property(frames, (script) => {
      const tracker = new Tracker({ maxTracks: 10 });
      let atMs = 0;
      for (const [stepMs, detections] of script) {
        atMs += stepMs;
        const tracks = tracker.update(atMs, detections);
        assert.ok(tracks.length <= 10);
        assert.equal(new Set(tracks.map((t) => t.id)).size, tracks.length);
        for (const { box: b } of tracks)
          assert.ok(b.x1 >= 0 && b.y1 >= 0 && b.x2 <= 1 && b.y2 <= 1 && b.x1 < b.x2 && b.y1 < b.y2);
      }
    }),
    { seed: 2, numRuns: 200 },
  );
});

test('a track tells whether the bundled detector was sure of it, and nothing of any other detector', () => {
  const tracker = new Tracker();
  const bundled = (mark: 'sure' | 'doubtful'): Detection => ({ ...seen(at(0.5, 0.5)), bundled: mark });
  const told = [[bundled('sure')], [bundled('doubtful')], [], [seen(at(0.5, 0.5))]].map(
    (detections, i) => only(tracker.update(i * 200, detections)).bundled,
  );
  assert.deepEqual(told, ['sure', 'doubtful', 'doubtful', undefined]);
});

test('a child, and somebody with a cart or an umbrella, stays a person when the detector also sees a cycle or a car', () => {
  const tracker = new Tracker();
  let i = 0;
  const people = (t: number): Detection[] => [
    // A child: a small box. With an umbrella: the box is as wide as high from time to time.
    seen(at(0.2 + 0.01 * t, 0.5, 0.04), 0.5, 'person'),
    seen({ x1: 0.5, y1: 0.4, x2: 0.55 + (i % 3 === 0 ? 0.04 : 0), y2: 0.55 }, 0.6, 'person'),
  ];
  for (let t = 0; t < 20; t += 0.2) {
    const cart = i % 4 === 0 ? [seen(at(0.21 + 0.01 * t, 0.5, 0.05), 0.7, 'bicycle')] : [];
    const car = i % 5 === 0 ? [seen({ x1: 0.5, y1: 0.42, x2: 0.58, y2: 0.56 }, 0.9, 'car')] : [];
    const tracks = tracker.update(t * 1000, [...people(t), ...cart, ...car]);
    const persons = tracks.filter((track) => track.class === 'person' && track.seen);
    assert.equal(persons.length, 2);
    i++;
  }
});
