import assert from 'node:assert/strict';
import { test } from 'node:test';
import { framesOf } from './streets/frames.ts';
import { passer } from './streets/makers.ts';
import type { Script } from './streets/script.ts';
import { standing, stream, street } from './streets/written.ts';

/** All tracks and places of a street, one frame a line. */
const frames = (own: Partial<Script>) => [...framesOf(street({ endS: 60, ...own }))];
const idsAt = (own: Partial<Script>) =>
  new Set(frames(own).flatMap(({ tracks }) => tracks.map(({ id }) => id)));
const likesBetween = (own: Partial<Script>, fromS: number, toS: number) =>
  frames(own)
    .filter(({ atMs }) => atMs >= fromS * 1000 && atMs < toS * 1000)
    .flatMap(({ places: all = [] }) => all.map(({ like }) => like));

test('a tracker follows a car at 5 frames a second and loses one that is fast at 1', () => {
  const car = stream(10, 12);
  assert.equal(idsAt({ actors: car }).size, 1);
  assert.ok(idsAt({ actors: car, fps: 1 }).size >= 4);
});

test('what drives in has moved, what is found again has not; it is still two seconds after it stopped', () => {
  const tracks = (own: Partial<Script>) =>
    frames(own).flatMap(({ atMs, tracks: all }) => all.map((one) => ({ atMs, ...one })));
  const drivenIn = tracks({ actors: [standing(20, 50)] });
  assert.ok(drivenIn.filter(({ atMs }) => atMs > 20_000).every(({ moved = 0 }) => moved >= 1));
  assert.equal(drivenIn.find(({ still }) => still)?.atMs, 22_000);
  assert.equal(drivenIn.find(({ still }) => still)?.sinceMs, 20_000);
  const found = tracks({ actors: [standing(-10, 50)], idChanges: [{ actor: 0, atS: 29.9 }] });
  const again = found.filter(({ atMs }) => atMs >= 30_000 && atMs < 50_000);
  assert.ok(again.every(({ id, moved }) => id === 2 && moved === 0));
});

test('a place looks as it did while its car stands there, seen or not, and otherwise once it has left', () => {
  const actors = [standing(-10, 40)];
  const silent = { actors, silences: [{ actor: 0, fromS: 10, toS: 30 }] };
  assert.ok(
    frames(silent).every(({ atMs, tracks }) => tracks.length === 0 || atMs < 10_000 || atMs >= 30_000),
  );
  assert.equal(likesBetween(silent, 0, 2).length, 0);
  assert.ok(likesBetween(silent, 10, 30).every((like) => like >= 0.85));
  assert.equal(likesBetween(silent, 10, 30).length, 100);
  assert.ok(likesBetween(silent, 42, 60).every((like) => like <= 0.6));
});

test('a passer-by hides a place, changing light says nothing, and another of the same look looks the same', () => {
  const actors = [standing(-10, 58)];
  const hidden = likesBetween({ actors: [...actors, passer('person', 9, 0.5, 30, 2)] }, 29.5, 30.5);
  assert.ok(hidden.length > 0 && hidden.every((like) => like <= 0.6));
  assert.equal(likesBetween({ actors, lights: [{ fromS: 20, toS: 25 }] }, 20, 25).length, 0);
  const next = (look: number) => ({ actors: [standing(-10, 20), standing(30, 58, look)] });
  const old = (look: number) => frames(next(look)).filter(({ atMs }) => atMs > 31_000 && atMs < 58_000);
  const like = (look: number) => old(look).map(({ places: [first] = [] }) => first?.like ?? Number.NaN);
  assert.ok(like(1).every((value) => value >= 0.85));
  assert.ok(like(2).every((value) => value <= 0.6));
});
