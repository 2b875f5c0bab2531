import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Point, Track } from '@gatehouse/contracts';
import { person, Watch } from './watch.ts';

const rule = { kind: 'crowd', people: 6, forS: 20, clearAfterS: 10, night: false };

/** So many people in rows of four, half a height apart. */
function group(count: number, x = 0.4, y = 0.6, firstId = 1): Track[] {
  return Array.from({ length: count }, (_, n) =>
    person(firstId + n, x + (n % 4) * 0.05, y + Math.floor(n / 4) * 0.05),
  );
}

test('people who stand together are one incident, until two fewer than it takes are left for long enough', () => {
  const watch = new Watch(rule)
    .until(40, () => group(6))
    .until(60, () => group(5))
    .until(80, () => group(4));
  assert.equal(watch.said.length, 2);
  const [opened, cleared] = watch.said;
  assert.ok(opened && cleared && opened.phase === 'opened' && cleared.phase === 'cleared');
  assert.ok(opened.t >= 20 && opened.t <= 22, `${opened.t}`);
  assert.ok(cleared.t >= 70 && cleared.t <= 73, `${cleared.t}`);
  assert.equal(opened.gates.get('people'), 6);
  assert.equal(cleared.gates.get('people'), 4);
});

test('people whom the lower edge of the picture cuts stand in a zone that reaches it', () => {
  const zone: Point[] = [
    [0, 0.5],
    [1, 0.5],
    [1, 1],
    [0, 1],
  ];
  const cut = Array.from({ length: 6 }, (_, n) => person(1 + n, 0.3 + n * 0.04, 1, 0.3));
  const watch = new Watch(rule, zone).until(60, () => cut);
  assert.deepEqual(
    watch.said.map(({ phase }) => phase),
    ['opened'],
  );
});

test('one fewer is none, and it says that people are missing', () => {
  const watch = new Watch(rule).until(60, () => group(5));
  assert.deepEqual(watch.story, []);
  assert.deepEqual(watch.whyNot, ['people', 'together']);
});

test('people who stand far apart are no crowd', () => {
  const apart = Array.from({ length: 9 }, (_, n) =>
    person(n + 1, 0.2 + (n % 3) * 0.25, 0.4 + Math.floor(n / 3) * 0.25),
  );
  assert.deepEqual(new Watch(rule).until(60, () => apart).story, []);
});

test('far from the camera the same people stand as close in the picture as they are small', () => {
  // A step of 0.05 x 16/9 is 0.44 of a height of 0.2, and 1.8 of a height of 0.05.
  const small = group(6).map(({ id, box }) => person(id, (box.x1 + box.x2) / 2, box.y2, 0.05));
  assert.deepEqual(new Watch(rule).until(60, () => small).story, []);
  assert.equal(new Watch(rule).until(60, () => group(6)).story.length, 1);
});

/** A flow of people, a height a second, one every half second, with ids that last. */
function passing(t: number, towards = 1): Track[] {
  return Array.from({ length: 400 }, (_, n) => ({ n, x: (t - n * 0.5) * 0.1125 })).flatMap(({ n, x }) =>
    x >= 0 && x <= 1 ? [person(1000 + n, towards > 0 ? x : 1 - x, 0.6 + (n % 3) * 0.05)] : [],
  );
}
for (const fps of [1, 2, 5, 25])
  test(`people who walk through never are a crowd at ${fps} frames a second`, () => {
    const watch = new Watch({ ...rule, people: 3 });
    watch.stepS = 1 / fps;
    assert.deepEqual(watch.until(90, (t) => passing(t)).story, []);
  });

test('where walking counts, they are', () => {
  const watch = new Watch({ ...rule, people: 3, walkThrough: 'count' }).until(90, (t) => passing(t));
  assert.equal(watch.said[0]?.phase, 'opened');
});

test('a crowd that people walk past is one crowd, and they are told apart', () => {
  const watch = new Watch(rule).until(60, (t) => [...group(6), ...passing(t)]);
  assert.deepEqual(
    watch.said.map(({ phase }) => phase),
    ['opened'],
  );
  assert.equal(watch.said[0]?.gates.get('people'), 6);
  assert.ok(Number(watch.said[0]?.gates.get('walking-through')) > 0);
});

test('people come and go, and the gathering falls apart and meets again: one incident', () => {
  const watch = new Watch(rule)
    .until(40, () => group(8))
    .until(70, (t) => group(8).map((track, n) => ({ ...track, id: 100 + n + Math.floor(t / 5) * 8 })))
    // Two halves, a height apart.
    .until(100, () => [...group(4, 0.3), ...group(4, 0.59, 0.6, 50)])
    .until(130, () => group(8))
    .until(160, () => []);
  assert.deepEqual(
    watch.said.map(({ phase }) => phase).filter((phase) => phase !== 'updated'),
    ['opened', 'cleared'],
  );
});

test('two crowds at two places are two incidents', () => {
  const watch = new Watch(rule).until(40, () => [...group(6, 0.15), ...group(6, 0.65, 0.8, 50)]);
  assert.equal(watch.said.length, 2);
  assert.equal(new Set(watch.said.map(({ key }) => key)).size, 2);
});

test('a detector that misses people for moments neither restarts nor clears it', () => {
  const gappy = (t: number) => group(6).filter(({ id }) => (Math.round(t * 5) + id * 3) % 10 !== 0);
  const watch = new Watch(rule)
    .until(12, gappy)
    .until(16, () => group(2))
    .until(50, gappy)
    .until(58, () => [])
    .until(70, gappy);
  assert.equal(watch.said.length, 1);
  assert.ok((watch.said[0]?.t ?? 0) <= 23, watch.story.join());
});

test('visits do not add up: a crowd that comes for less than it takes, again and again, is none', () => {
  const watch = new Watch(rule).until(300, (t) => (t % 35 < 15 ? group(6) : []));
  assert.deepEqual(watch.story, []);
});

test('unseen time is no time together, and clears nothing', () => {
  const watch = new Watch(rule)
    .until(10, () => group(6))
    .pause(60)
    .until(65, () => group(6));
  assert.deepEqual(watch.story, []);
  watch
    .until(80, () => group(6))
    .pause(400)
    .until(405, () => group(6));
  assert.deepEqual(
    watch.said.map(({ phase }) => phase),
    ['opened', 'updated'],
  );
});

test('at night fewer people make a crowd, if they stay longer; by day they do not', () => {
  const twofold = { ...rule, night: { people: 3, forS: 40 } };
  const watch = (startsAt: string) => {
    const one = new Watch(twofold);
    one.startsAt = startsAt;
    return one.until(60, () => group(3));
  };
  assert.deepEqual(watch('2026-11-24T15:00:00+08:00').story, []);
  assert.deepEqual(watch('2026-11-24T06:00:00+08:00').story, []);
  for (const at of ['2026-11-24T23:10:00+08:00', '2026-11-25T05:58:00+08:00', '2026-11-24T15:10:00Z']) {
    const [opened] = watch(at).said;
    assert.ok(opened && opened.t >= 40 && opened.t <= 42, `${at}: ${opened?.t}`);
    assert.equal(opened.gates.get('night'), true);
  }
  // When the night begins the time by its number begins.
  const [opened] = watch('2026-11-24T22:59:50+08:00').said;
  assert.ok(opened && opened.t >= 50 && opened.t <= 51, `${opened?.t}`);
});

test('at night what is a crowd by day is one, too', () => {
  const watch = new Watch({ ...rule, night: { people: 3, forS: 40 } });
  watch.startsAt = '2026-11-24T23:10:00+08:00';
  watch.until(30, () => group(6)).until(60, () => group(3));
  assert.ok(
    watch.said.length === 1 && (watch.said[0]?.t ?? 99) <= 22,
    'three are left: no fewer than the night allows',
  );
});
