import assert from 'node:assert/strict';
import { test } from 'node:test';
import { iou, type Track } from '@gatehouse/contracts';
import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';
import { Tracker } from '../index.ts';
import { type Identity, IdentityCount } from './identity.ts';
import { JitteryDetector, type Kind, motionScene, overlap, paint, type Seen } from './motion-scene.ts';

interface Follower {
  update(atMs: number, seen: readonly Seen[]): readonly Pick<Track, 'id' | 'box' | 'seen'>[];
}

/** The simplest follower there is, as a floor: best overlap with the last box, kept for two seconds. */
class OverlapFollower implements Follower {
  #tracks: { id: number; box: Seen['box']; class: string; lastMs: number }[] = [];
  #nextId = 1;
  update(atMs: number, seen: readonly Seen[]) {
    const free = new Set(this.#tracks.filter(({ lastMs }) => atMs - lastMs <= 2_000));
    const now = seen.map((one) => {
      const best = [...free]
        .filter((track) => track.class === one.class && overlap(track.box, one.box) >= 0.3)
        .sort((a, b) => overlap(b.box, one.box) - overlap(a.box, one.box))[0];
      if (best) free.delete(best);
      return { id: best?.id ?? this.#nextId++, box: one.box, class: one.class, lastMs: atMs };
    });
    this.#tracks = [...now, ...free];
    return now.map(({ id, box }) => ({ id, box, seen: true }));
  }
}

function identityOf(kind: Kind, fps: number, seeds: number, follower: () => Follower): Identity {
  const sum: Identity = { truths: 0, matched: 0, extra: 0, switches: 0, mixUps: 0 };
  for (let seed = 0; seed < seeds; seed++) {
    const scene = motionScene(kind, seed);
    const detector = new JitteryDetector(seed + 1_000);
    const count = new IdentityCount();
    const tracker = follower();
    for (let i = 0; i / fps < scene.lengthS; i++) {
      const t = i / fps;
      const tracks = tracker.update(1000 * t, detector.see(scene, t)).filter(({ seen }) => seen);
      const truths = scene.actors.flatMap((actor, id) => {
        const box = actor.at(t);
        return box && box.x1 > 0 && box.x2 < 1 ? [{ id, box }] : [];
      });
      count.frame(truths, tracks);
    }
    for (const key of Object.keys(sum) as (keyof Identity)[]) sum[key] += count.sum[key];
  }
  return sum;
}

/** Most switches and mix-ups a scene, by frames a second; each about half again of what was measured. */
const most: Readonly<Record<Kind, Readonly<Record<number, readonly [switches: number, mixUps: number]>>>> = {
  'pass-parked': { 1: [1.4, 1], 2: [0.4, 0.2], 5: [0.1, 0.1], 25: [0.2, 0.2] },
  cross: { 1: [0.6, 0.3], 2: [0.2, 0.1], 5: [0.1, 0.1], 25: [0.1, 0.1] },
  stop: { 1: [2.8, 1], 2: [1.6, 0.2], 5: [0.2, 0.1], 25: [0.2, 0.1] },
  walkers: { 1: [15, 11], 2: [5.5, 3.5], 5: [1.5, 0.8], 25: [1.6, 1.2] },
};
const seeds = 20;

for (const kind of Object.keys(most) as Kind[])
  for (const [rate, [switches, mixUps]] of Object.entries(most[kind]))
    test(`${kind} at ${rate} frames a second: identities are kept, and better than by overlap alone`, (t) => {
      const fps = Number(rate);
      const ours = identityOf(kind, fps, seeds, () => new Tracker());
      const floor = identityOf(kind, fps, seeds, () => new OverlapFollower());
      const line = (name: string, sum: Identity) =>
        `${name}: recall ${(sum.matched / sum.truths).toFixed(3)}, a scene ${sum.switches / seeds} switches, ${sum.mixUps / seeds} mix-ups, ${sum.extra / seeds} extra`;
      t.diagnostic(line('tracker', ours));
      t.diagnostic(line('overlap', floor));
      assert.ok(ours.switches / seeds <= switches && ours.mixUps / seeds <= mixUps, line('tracker', ours));
      assert.ok(ours.switches <= floor.switches + 2 && ours.mixUps <= floor.mixUps + 2);
    });

test('no id is on two true objects that stand apart, whatever the scene and the frame rate', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Kind>('pass-parked', 'cross', 'stop', 'walkers'),
      fc.integer({ min: 1, max: 25 }),
      fc.nat(100_000),
      (kind, fps, seed) => {
        const scene = motionScene(kind, seed);
        const detector = new JitteryDetector(seed);
        const tracker = new Tracker();
        for (let i = 0; i / fps < scene.lengthS; i++) {
          const tracks = tracker.update((1000 * i) / fps, detector.see(scene, i / fps));
          assert.equal(new Set(tracks.map(({ id }) => id)).size, tracks.length);
          const seen = tracks.filter((track) => track.seen);
          for (const [j, a] of seen.entries())
            for (const b of seen.slice(j + 1))
              assert.ok(a.class !== b.class || iou(a.box, b.box) < 0.7, 'one object has two tracks');
        }
      },
    ),
    { seed: 3, numRuns: 60 },
  );
});

/** A thing with a pattern stands in one place; its box jitters so much that overlap alone calls it moving. */
const parked = { x1: 0.4, y1: 0.4, x2: 0.55, y2: 0.52 };
const standingCar = (look: number) => ({
  lengthS: 60,
  actors: Array.from({ length: look + 1 }, (_, i) => ({
    class: 'car' as const,
    at: () => (i === look ? parked : undefined),
  })),
});

test('a stopped car whose box jitters widely stays still where its picture does not change', () => {
  const random = seededRandom(5);
  const jitter = (sd: number) => (random() + random() + random() - 1.5) * sd;
  const stillPart = (withPicture: boolean) => {
    const tracker = new Tracker();
    let still = 0;
    for (let i = 0; i < 200; i++) {
      const sd = i < 30 ? 0.005 : 0.13;
      const box = { ...parked, x1: parked.x1 + jitter(sd), x2: parked.x2 + jitter(sd) };
      const scene = standingCar(0);
      const picture = withPicture ? paint(scene, i / 5) : undefined;
      const [track] = tracker.update(200 * i, [{ class: 'car', score: 0.8, box }], picture);
      if (i >= 30 && track?.still) still++;
    }
    return still / 170;
  };
  assert.ok(stillPart(true) > 0.95, `${stillPart(true)}`);
  assert.ok(stillPart(false) < 0.8, `${stillPart(false)}`);
});

test('another car at the same place is another occupant; another light on the same car is not', () => {
  const ids = (change: (i: number) => { look: number; gain: number }) => {
    const tracker = new Tracker();
    const found = new Set<number>();
    for (let i = 0; i < 160; i++) {
      const { look, gain } = change(i);
      const picture = paint(standingCar(look), i / 5);
      const pixels = picture.pixels.map((value) => value * gain);
      for (const { id } of tracker.update(200 * i, [{ class: 'car', score: 0.8, box: parked }], {
        ...picture,
        pixels,
      }))
        found.add(id);
    }
    return [...found];
  };
  assert.deepEqual(
    ids((i) => ({ look: i < 60 ? 0 : 1, gain: 0.8 })),
    [1, 2],
  );
  assert.deepEqual(
    ids((i) => ({ look: 0, gain: i < 60 ? 1 : 0.4 })),
    [1],
  );
});
