import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Track } from '@gatehouse/contracts';
import { person, Watch } from './watch.ts';

const rule = { kind: 'crowd', people: 6, forS: 20, clearAfterS: 10, night: false };
const hour = 3600;

/** The jitter of a detector: up to 1.5 % of a box height of 0.1, another in every frame. */
const jitter = (t: number, n: number) => 0.0015 * Math.sin(t * 977 + n * 31);

/** Coats on chairs: they are where they are. */
function coats(t: number, count = 6, firstId = 1): Track[] {
  return Array.from({ length: count }, (_, n) =>
    person(firstId + n, 0.3 + n * 0.03 + jitter(t, n), 0.6 + jitter(t, n + 9), 0.1 + jitter(t, n + 5)),
  );
}

/** Somebody on a chair, who sits a tenth of their height lower or higher every 12 to 20 minutes. */
function sitters(t: number, count = 6): Track[] {
  return Array.from({ length: count }, (_, n) => {
    const lower = Math.floor(t / (720 + n * 90)) % 2 === 0 ? 0 : 0.01;
    return person(1 + n, 0.3 + n * 0.03 + jitter(t, n), 0.6, 0.1 - lower + jitter(t, n + 5));
  });
}

function slow(): Watch {
  const watch = new Watch(rule);
  watch.stepS = 1;
  return watch;
}

test('persons who never moved within an hour are suspects: the crowd of them clears, says so and does not come again', () => {
  const watch = slow().until(3 * hour, (t) => coats(t));
  const phases = watch.said.filter(({ phase }) => phase !== 'updated');
  assert.deepEqual(
    phases.map(({ phase }) => phase),
    ['opened', 'cleared'],
  );
  const [, cleared] = phases;
  assert.ok(cleared && cleared.t >= hour && cleared.t <= hour + 30, `${cleared?.t}`);
  assert.equal(cleared.gates.get('people'), 0);
  assert.equal(cleared.gates.get('suspects'), 6);
  const [candidate] = watch.rule.explain(watch.state, watch.context);
  const gates = new Map(candidate?.gates.map(({ name, value }) => [name, value]));
  assert.deepEqual([gates.get('people'), gates.get('suspects')], [0, 6]);
  assert.deepEqual(watch.whyNot, ['people', 'together']);
});

test('a crowd that sits for hours stays one: people do not sit quite still for an hour', () => {
  const watch = slow().until(3 * hour, (t) => sitters(t));
  assert.deepEqual(new Set(watch.said.map(({ phase }) => phase)), new Set(['opened', 'updated']));
  assert.equal(watch.said.at(-1)?.gates.has('suspects'), false);
});

test('people among coats are counted, the coats are not', () => {
  const watch = slow().until(hour + 60, (t) => coats(t, 3));
  assert.deepEqual(watch.story, []);
  const people = (count: number) =>
    Array.from({ length: count }, (_, n) => person(50 + n, 0.3 + n * 0.03, 0.65, 0.1));
  watch.until(hour + 160, (t) => [...coats(t, 3), ...people(5)]);
  assert.deepEqual(watch.story, []);
  watch.until(hour + 260, (t) => [...coats(t, 3), ...people(6)]);
  const [opened] = watch.said;
  assert.deepEqual(
    [opened?.phase, opened?.gates.get('people'), opened?.gates.get('suspects')],
    ['opened', 6, 3],
  );
});

test('a coat that is not detected for a while, has another id or is passed by stays a suspect', () => {
  const watch = slow().until(2 * hour, (t) => {
    const id = 1 + 100 * Math.floor(t / 400);
    const passer = t % 60 < 9 ? [person(90_000 + Math.floor(t / 60), 0.15 + (t % 60) * 0.1, 0.66, 0.2)] : [];
    return t % 300 < 240 ? [...coats(t, 6, id), ...passer] : passer;
  });
  // Time in which it is not seen is not counted.
  watch.until(3 * hour, (t) => coats(t, 6, 20_000));
  assert.equal(watch.said.at(-1)?.phase, 'cleared', watch.story.slice(-3).join());
  const count = watch.said.length;
  watch.until(3.5 * hour, () => []).until(4 * hour, (t) => coats(t, 6, 30_000));
  assert.equal(watch.said.length, count, 'it is known again after half an hour');
});

test('somebody who sits down where a coat was is a person at once', () => {
  const watch = slow().until(hour + 60, (t) => coats(t));
  const before = watch.said.length;
  const people = Array.from({ length: 6 }, (_, n) => person(500 + n, 0.3 + n * 0.03, 0.6, 0.13));
  watch.until(hour + 120, () => people);
  const [opened] = watch.said.slice(before);
  assert.ok(opened?.phase === 'opened' && opened.t < hour + 60 + 26, watch.story.slice(before).join());
});

test('people who gesture all the time and stay where they are are no suspects', () => {
  const watch = slow().until(1.5 * hour, (t) =>
    coats(t).map((track, n) => {
      const reach = 0.02 * Math.abs(Math.sin(t * 2.1 + n));
      return { ...track, box: { ...track.box, x2: track.box.x2 + reach } };
    }),
  );
  assert.ok(watch.said.every(({ phase }) => phase !== 'cleared'));
});

test('a coat keeps its hour when the track of the next chair is taken for it for a moment', () => {
  // The first is missed for 4 s and comes back in the frame in which the second is missed.
  const watch = slow().until(hour + 60, (t) =>
    coats(t).filter(
      ({ id }) => !((id === 1 && t % 300 >= 200 && t % 300 < 204) || (id === 2 && t % 300 === 204)),
    ),
  );
  assert.equal(watch.said.at(-1)?.phase, 'cleared', watch.story.slice(-2).join());
  assert.equal(watch.said.at(-1)?.gates.get('suspects'), 6);
});
