import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Camera, type Finding, type Track, type TrackFrame } from '@gatehouse/contracts';
import { IncidentEngine } from '../index.ts';

const name = { 'zh-CN': '东门', en: 'east gate' };
const polygon = [
  [0, 0],
  [1, 0],
  [1, 1],
  [0, 1],
];
function cameras(right = 1): Camera[] {
  const rules = [{ kind: 'illegal-parking', violationAfterS: 20, clearAfterS: 5, stoppedAfterS: 5 }];
  const zones = [{ id: 'lane', name, polygon: polygon.map(([x = 0, y]) => [Math.min(x, right), y]), rules }];
  return [Camera.parse({ id: 'east', name, url: 'rtsp://127.0.0.1/', zones })];
}

/** So many cars side by side. */
function cars(count: number): Track[] {
  return Array.from({ length: count }, (_, n) => {
    const [x, y] = [0.05 + (n % 8) * 0.12, 0.2 + Math.floor(n / 8) * 0.2];
    const box = { x1: x - 0.04, y1: y - 0.08, x2: x + 0.04, y2: y };
    return { id: n + 1, class: 'car', score: 0.9, box, seen: true, still: true };
  });
}

function run(engine: IncidentEngine, fromS: number, toS: number, script: (t: number) => Track[]): Finding[] {
  const frames: TrackFrame[] = [];
  for (let t = fromS; t < toS; t++) frames.push({ camera: 'east', atMs: t * 1000, tracks: script(t) });
  return frames.flatMap((frame) => engine.step(frame));
}
const collapsed = ({ evidence }: Finding) => evidence.gates.find((gate) => gate.name === 'collapsed')?.value;
const phases = (findings: readonly Finding[]) =>
  [...Map.groupBy(findings, ({ phase }) => phase)].map(([phase, of]) => `${of.length} ${phase}`);

test('twenty cars that violate at once are six incidents and one that stands for the rest, which ends with the last', () => {
  const engine = new IncidentEngine(cameras());
  const findings = run(engine, 0, 30, () => cars(20));
  assert.deepEqual(phases(findings), ['7 opened']);
  assert.equal(collapsed(findings[6] as Finding), 1);
  const later = run(engine, 30, 90, () => cars(20));
  const storm = later.filter((finding) => finding.occupancy === findings[6]?.occupancy);
  assert.deepEqual(storm.map(collapsed), [14]);
  // All but one leave, then the last.
  const leaving = run(engine, 90, 110, () => cars(20).slice(-1));
  assert.ok(
    !leaving.some(({ phase, occupancy }) => phase === 'cleared' && occupancy === storm[0]?.occupancy),
  );
  const [end, ...more] = run(engine, 110, 120, () => []);
  assert.deepEqual([end?.phase, end?.occupancy, more], ['cleared', storm[0]?.occupancy, []]);
});

test('every opened incident is cleared once, over a restart in the middle of a storm, too', () => {
  let engine = new IncidentEngine(cameras());
  const before = run(engine, 0, 40, () => cars(20));
  const stored = JSON.parse(JSON.stringify(engine.snapshot()));
  engine = new IncidentEngine(cameras());
  assert.deepEqual(engine.restore(stored), []);
  const after = run(engine, 45, 60, () => []);
  const keys = (phase: string) =>
    [...before, ...after]
      .filter((finding) => finding.phase === phase)
      .map(({ occupancy }) => occupancy)
      .sort();
  assert.deepEqual(keys('cleared'), keys('opened'));
});

test('an edit that leaves no member in the zone hands the storm back, and the single ones', () => {
  const engine = new IncidentEngine(cameras());
  const opened = run(engine, 0, 30, () => cars(20)).map(({ occupancy }) => occupancy);
  const narrow = new IncidentEngine(cameras(0.01));
  const dropped = narrow.restore(JSON.parse(JSON.stringify(engine.snapshot())));
  assert.deepEqual(dropped.map(({ occupancy }) => occupancy).sort(), opened.sort());
});

test('single violations over the day are no storm', () => {
  const engine = new IncidentEngine(cameras());
  const findings = run(engine, 0, 700, (t) => (t % 60 < 30 ? cars(1) : []));
  assert.deepEqual(phases(findings), ['12 opened', '12 cleared'].toSorted().toReversed());
  assert.ok(findings.every((finding) => collapsed(finding) === undefined));
});

test('a blind camera neither opens, clears nor holds as if it saw', () => {
  const engine = new IncidentEngine(cameras());
  run(engine, 0, 15, () => cars(1));
  const blind = Array.from(
    { length: 60 },
    (_, n): TrackFrame => ({
      camera: 'east',
      atMs: (15 + n) * 1000,
      view: 'blind',
      tracks: n % 2 === 0 ? cars(1) : [],
    }),
  );
  assert.deepEqual(
    blind.flatMap((frame) => engine.step(frame)),
    [],
  );
  const [opened] = run(engine, 75, 90, () => cars(1));
  assert.equal(opened?.evidence.atMs, 81_000, '14 s seen before, 6 s after');
  const dark = blind.map((frame) => ({ ...frame, atMs: frame.atMs + 75_000, tracks: [] }));
  assert.deepEqual(
    dark.flatMap((frame) => engine.step(frame)),
    [],
  );
});

test('schedules follow the wall time of the frames: epoch times by themselves, those of clips by where they start', () => {
  const [east] = cameras();
  assert.ok(east);
  const rule = { ...east.zones[0]?.rules[0], schedule: [{ from: '08:00', to: '18:00' }] };
  const site = [Camera.parse({ ...east, zones: [{ ...east.zones[0], rules: [rule] }] })];
  const count = (engine: IncidentEngine, startS: number) =>
    run(engine, startS, startS + 30, () => cars(1)).length;
  const at = (time: string) => Date.parse(time) / 1000;
  assert.equal(count(new IncidentEngine(site), at('2026-11-24T10:00:00+08:00')), 1);
  assert.equal(count(new IncidentEngine(site), at('2026-11-24T20:00:00+08:00')), 0);
  assert.equal(
    count(new IncidentEngine(site, { timezone: 'Europe/Berlin' }), at('2026-11-24T20:00:00+08:00')),
    1,
  );
  assert.equal(count(new IncidentEngine(site, { holidays: [] }), 0), 1);
  assert.equal(
    count(new IncidentEngine(site, { wallAtZeroMs: 1000 * at('2026-11-24T20:00:00+08:00') }), 0),
    0,
  );
});
