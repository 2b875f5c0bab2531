import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Camera, type Finding, type Track, type TrackFrame } from '@gatehouse/contracts';
import { type DroppedSubject, dedupeKeyOf, IncidentEngine } from '../index.ts';

const name = { 'zh-CN': '东门', en: 'east gate' };
type ZoneInput = {
  id: string;
  polygon: [number, number][];
  rules: { kind: string; [key: string]: unknown }[];
};

const left: [number, number][] = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
];
const right: [number, number][] = left.map(([x, y]) => [x + 0.5, y]);
const parking = { kind: 'illegal-parking', violationAfterS: 30 };

function cameras(zones: readonly ZoneInput[], id = 'east'): Camera[] {
  const named = zones.map((zone) => ({ ...zone, name }));
  return [Camera.parse({ id, name, url: 'rtsp://127.0.0.1/', zones: named })];
}
const site = (polygon = left) => cameras([{ id: 'lane', polygon, rules: [parking] }]);

const car = (x: number, id = 1): Track => ({
  id,
  class: 'car',
  score: 0.9,
  box: { x1: x - 0.05, y1: 0.4, x2: x + 0.05, y2: 0.5 },
  seen: true,
  still: true,
});
function run(
  engine: IncidentEngine,
  fromS: number,
  toS: number,
  tracks: Track[],
  camera = 'east',
): Finding[] {
  const frames: TrackFrame[] = [];
  for (let t = fromS; t < toS; t++) frames.push({ camera, atMs: t * 1000, tracks });
  return frames.flatMap((frame) => engine.step(frame));
}
const brief = (findings: readonly Finding[]) =>
  findings.map(({ phase, zone, evidence }) => `${phase} ${zone}@${evidence.atMs / 1000}`);

/** The stored state goes to the database and back as text. */
function restored(engine: IncidentEngine, onto: readonly Camera[]) {
  const next = new IncidentEngine(onto);
  const dropped: DroppedSubject[] = next.restore(JSON.parse(JSON.stringify(engine.snapshot())));
  return { next, dropped };
}

test('every rule of every zone of a camera runs; other cameras are apart', () => {
  const engine = new IncidentEngine([
    ...cameras([
      { id: 'lane', polygon: left, rules: [parking, { ...parking, violationAfterS: 20 }] },
      { id: 'kerb', polygon: right, rules: [parking] },
    ]),
    ...cameras([{ id: 'lane', polygon: left, rules: [parking] }], 'west'),
  ]);
  const findings = run(engine, 0, 40, [car(0.2), car(0.7, 2)]);
  assert.deepEqual(brief(findings), ['opened lane@20', 'opened lane@30', 'opened kerb@30']);
  assert.equal(new Set(findings.map(dedupeKeyOf)).size, 3);
  assert.deepEqual(engine.candidates('west'), []);
  assert.deepEqual(run(engine, 0, 5, [car(0.2)], 'nowhere'), []);
});

test('a restart mid-dwell neither loses the dwell nor raises it twice', () => {
  const engine = new IncidentEngine(site());
  run(engine, 0, 20, [car(0.2)]);
  const { next } = restored(engine, site());
  assert.deepEqual(brief(run(next, 25, 60, [car(0.2, 9)])), ['opened lane@30']);
});

test('a restart mid-incident goes on with it and clears it', () => {
  const engine = new IncidentEngine(site());
  const [opened] = run(engine, 0, 40, [car(0.2)]);
  const { next } = restored(engine, site());
  assert.deepEqual(
    run(next, 100, 130, [car(0.2, 9)]).map((f) => f.phase),
    ['updated'],
  );
  const [cleared] = run(next, 130, 160, []);
  assert.deepEqual([cleared?.phase, cleared?.occupancy], ['cleared', opened?.occupancy]);
});

test('a snapshot of one camera holds nothing of another', () => {
  const engine = new IncidentEngine([...site(), ...cameras([], 'west')]);
  assert.deepEqual(Object.keys(engine.snapshot('east').cameras), ['east']);
});

test('an edit of thresholds keeps what was observed', () => {
  const engine = new IncidentEngine(site());
  run(engine, 0, 25, [car(0.2)]);
  const stricter = cameras([{ id: 'lane', polygon: left, rules: [{ ...parking, violationAfterS: 20 }] }]);
  const { next, dropped } = restored(engine, stricter);
  assert.deepEqual(dropped, []);
  assert.deepEqual(brief(run(next, 25, 40, [car(0.2)])), ['opened lane@25']);
});

test('an edit of the polygon keeps what stands in it and hands back open occupancies that do not', () => {
  const engine = new IncidentEngine(site([...left]));
  const findings = run(engine, 0, 40, [car(0.2), car(0.4, 2)]);
  assert.equal(findings.length, 2);
  const narrower: [number, number][] = left.map(([x, y]) => [Math.min(x, 0.3), y]);
  const { next, dropped } = restored(engine, site(narrower));
  const gone = findings.find((f) => (f.evidence.box?.x1 ?? 0) > 0.3);
  assert.deepEqual(dropped, [{ camera: 'east', kind: 'illegal-parking', occupancy: gone?.occupancy }]);
  assert.deepEqual(brief(run(next, 40, 50, [car(0.2), car(0.4, 2)])), []);
  assert.equal(next.candidates('east').length, 1);
});

test('open occupancies of a removed zone, rule or camera are handed back', () => {
  const engine = new IncidentEngine(site());
  const [opened] = run(engine, 0, 40, [car(0.2)]);
  const expected = [{ camera: 'east', kind: 'illegal-parking', occupancy: opened?.occupancy }];
  assert.deepEqual(
    restored(engine, cameras([{ id: 'kerb', polygon: right, rules: [parking] }])).dropped,
    expected,
  );
  assert.deepEqual(restored(engine, cameras([{ id: 'lane', polygon: left, rules: [] }])).dropped, expected);
  assert.deepEqual(restored(engine, []).dropped, expected);
});

test('what is no snapshot of this version is ignored', () => {
  for (const stored of [undefined, null, 'x', {}, { version: 0, cameras: { east: 1 } }])
    assert.deepEqual(new IncidentEngine(site()).restore(stored), []);
});
