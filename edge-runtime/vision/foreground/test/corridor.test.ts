import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Camera, type Track } from '@gatehouse/contracts';
import { foregroundStage, StaticForeground } from '../index.ts';
import { input, Painter, standing, type Thing } from './painted-scene.ts';
import { anyObject, play } from './play.ts';

/** A way of which the carton covers a cell or two. */
const way: [number, number][] = [
  [0.53, 0.4],
  [0.8, 0.4],
  [0.8, 1],
  [0.53, 1],
];
const carton: Thing = { kind: 'carton', look: 2, box: standing(0.5, 0.7, 0.07, 0.13) };
const put = (t: number) => ({ things: t >= 20 ? [carton] : [] });

test('in a corridor a thing is told of that covers the way by a cell; in a lane it must cover it by 30 %', () => {
  const corridor = new StaticForeground({ zones: [], corridors: [way] });
  assert.equal(anyObject(play(put, { toS: 50, foreground: corridor })), true);
  assert.equal(anyObject(play(put, { toS: 50, foreground: new StaticForeground({ zones: [way] }) })), false);
});

test('where a camera shows corridors only, no vehicle that a detector sees there hides a thing', () => {
  const objects = (place: string) => {
    const rules = [{ kind: 'fire-passage', place }];
    const name = { 'zh-CN': '楼道', en: 'corridor' };
    const polygon = [
      [0.3, 0.3],
      [0.9, 0.3],
      [0.9, 1],
      [0.3, 1],
    ];
    const zones = [{ id: 'way', name, polygon, rules }];
    const stage = foregroundStage(Camera.parse({ id: 'hall', name, url: 'rtsp://127.0.0.1/', zones }));
    const painter = new Painter(1);
    const found = Array.from({ length: 100 }, (_, i) => {
      const atMs = 500 * i;
      const frame = painter.frame(put(atMs / 1000), atMs / 1000);
      const box = standing(0.5, 0.75, 0.2, 0.3);
      const truck: Track = { id: 1, class: 'truck', score: 0.6, box, seen: true, still: true };
      return stage?.see({ atMs, frame, input, tracks: [truck], view: 'clear' }) ?? [];
    });
    return found.some((tracks) => tracks.length > 0);
  };
  assert.equal(objects('corridor'), true);
  assert.equal(objects('lane'), false);
});
