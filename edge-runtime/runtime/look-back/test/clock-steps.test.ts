import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { DryRun, TrackFrame } from '@gatehouse/contracts';
import { replayTracks } from '@gatehouse/incidents';
import { ManualClock, SteadyTimeline, silentLog } from '@gatehouse/kit';
import { readSegment } from '@gatehouse/store';
import { frame, laneZone, startRules, temporaryFolder, testSite } from '../../test/fixtures.ts';
import { DryRuns } from '../dry-runs.ts';
import { LookBack } from '../look-back.ts';

const nightZone = laneZone.replace(
  'clearAfterS: 5',
  "clearAfterS: 5, schedule: [{ from: '22:00', to: '06:00' }]",
);
const night = testSite(nightZone);
const at = (text: string) => Date.parse(text);
const boot1970 = '1970-01-01T14:00:00+08:00';

/** The runtime's rules behind a vision service that began when the box's clock showed `boot`. */
function startBox(t: TestContext, boot: string) {
  const stills: number[] = [];
  const bench = startRules(temporaryFolder(t), night, async (_camera, atMs) => {
    stills.push(atMs);
    return Uint8Array.of(1);
  });
  t.after(() => bench.stop());
  const { clock, store, tracks } = bench;
  const setTo = (text: string) => clock.stepWall(at(text) - clock.epochMs());
  setTo(boot);
  const timeline = new SteadyTimeline(clock);
  const calendar = { timezone: night.site.timezone, holidays: night.site.holidays };
  const [camera] = night.cameras;
  assert.ok(camera);
  const lookBack = new LookBack({ tracks, calendar, clock: new ManualClock() });
  return {
    ...bench,
    stills,
    setTo,
    camera,
    lookBack,
    calendar,
    /** Two frames a second, with a car or without. */
    async play(seconds: number, car = true) {
      for (let i = 0; i < seconds * 2; i++) {
        await clock.advance(500);
        bench.put({ ...frame(timeline.nowMs(), car), wallOffsetMs: timeline.wallOffsetMs() });
      }
      await clock.advance(0);
    },
    incidents: () =>
      store
        .incidents({ limit: 99 })
        .map(({ incident }) => incident)
        .toReversed(),
    segments: () => tracks.segments('east').flatMap(({ file }) => readSegment(readFileSync(file)) ?? []),
  };
}

async function* jsonLines(frames: readonly TrackFrame[]): AsyncGenerator<string> {
  for (const one of frames) yield JSON.stringify(one);
}

test('a box that boots in 1970 watches by its schedule as soon as the clock is set, and tells true times', async (t) => {
  const box = startBox(t, boot1970);
  await box.play(120);
  assert.deepEqual(box.incidents(), [], 'by its clock it is day');
  box.setTo('2026-11-24T23:00:00+08:00');
  await box.play(40);
  const [incident, ...others] = box.incidents();
  assert.ok(incident?.evidence);
  assert.deepEqual(others, []);
  const { sinceMs, atMs, wallOffsetMs = 0 } = incident.evidence;
  assert.equal(Date.parse(incident.openedAt), at('2026-11-24T23:00:30.500+08:00'));
  assert.equal(
    sinceMs + wallOffsetMs,
    at('2026-11-24T23:00:00.500+08:00'),
    'the beginning by the clock as set',
  );
  assert.equal(atMs - sinceMs, 30_000, 'the dwell counts real seconds');
  assert.ok(atMs < at('1970-01-02'), 'pictures are asked for by frame time');
  assert.deepEqual(box.stills.at(-1), atMs);
});

test('a box whose clock is set back to day clears what the night rule had raised', async (t) => {
  const box = startBox(t, '2026-11-24T23:00:00+08:00');
  await box.play(40);
  assert.deepEqual(
    box.incidents().map(({ phase }) => phase),
    ['opened'],
  );
  box.setTo('2026-11-24T14:00:00+08:00');
  await box.play(40);
  const [incident, ...others] = box.incidents();
  assert.deepEqual([incident?.phase, others], ['cleared', []]);
  assert.ok(incident?.evidence?.gates.some(({ name, passed }) => name === 'in-force' && !passed));
});

test('stored tracks say what the clock was, and a replay of them gives the bytes of the live run', async (t) => {
  const box = startBox(t, boot1970);
  await box.play(100);
  box.setTo('2026-11-24T23:00:00+08:00');
  await box.play(200);
  box.setTo('2026-11-24T05:58:00+08:00');
  await box.play(200);
  const segments = box.segments();
  assert.equal(segments.length, 3, 'a step begins a segment');
  for (const { opening, frames } of segments)
    assert.deepEqual([...new Set(frames.map((one) => one.wallOffsetMs))], [opening.wallOffsetMs]);
  const replayed: string[] = [];
  for await (const line of replayTracks(
    jsonLines(segments.flatMap(({ frames }) => frames)),
    [box.camera],
    box.calendar,
  ))
    replayed.push(line);
  const brief = (phase: string, evidence: unknown) => JSON.stringify([phase, evidence]);
  // Pictures are added to an incident later; the evidence of its last finding is then told once more.
  const findings = box.seen.filter(
    ({ incident }, i, all) =>
      all.findIndex((one) => one.incident.evidence?.atMs === incident.evidence?.atMs) === i,
  );
  const live = findings.map(({ change, incident }) => brief(change, incident.evidence));
  const told = replayed.map((line) => JSON.parse(line)).map(({ phase, evidence }) => brief(phase, evidence));
  assert.ok(told.some((line) => line.includes('cleared')) && told.length >= 4, `${told.length} lines`);
  assert.deepEqual(live, told);
});

test('the live view of a camera is fresh right after a step', async (t) => {
  const box = startBox(t, boot1970);
  await box.play(5);
  box.setTo('2026-11-24T23:00:00+08:00');
  await box.clock.advance(700);
  assert.equal(box.rules.view('east').ageMs, 700);
});

test('one looks back by the clock as it is now, and to the minutes before the step by the clock as it was', async (t) => {
  const box = startBox(t, boot1970);
  await box.play(120);
  box.setTo('2026-11-24T23:00:00+08:00');
  await box.play(60);
  const view = (text: string) => box.lookBack.at(box.camera, at(text));
  const after = await view('2026-11-24T23:00:20.200+08:00');
  assert.deepEqual([after.ageMs, after.watched.length], [200, 1]);
  assert.equal(after.atMs, at(boot1970) + 140_000, 'the frame that its picture is asked for by');
  const before = await view('1970-01-01T14:01:00+08:00');
  assert.deepEqual([before.ageMs, before.atMs, before.watched], [0, at(boot1970) + 60_000, []]);
  assert.deepEqual(box.lookBack.stored('east'), {
    fromMs: at('2026-11-24T23:00:00.500+08:00'),
    toMs: at('2026-11-24T23:01:00+08:00'),
  });
});

test('of two stretches with the same time of day the later is shown, because the clock was set back', async (t) => {
  const box = startBox(t, '2026-11-24T23:30:00+08:00');
  await box.play(60);
  box.setTo('2026-11-24T23:30:00+08:00');
  await box.play(30);
  const twice = await box.lookBack.at(box.camera, at('2026-11-24T23:30:10+08:00'));
  assert.deepEqual([twice.ageMs, twice.atMs], [0, at('2026-11-24T23:31:10+08:00')]);
  const once = await box.lookBack.at(box.camera, at('2026-11-24T23:30:40+08:00'));
  assert.deepEqual([once.ageMs, once.atMs], [0, at('2026-11-24T23:30:40+08:00')]);
});

test('after the clock was set back by an hour one looks back to both stretches, and to now', async (t) => {
  const box = startBox(t, '2026-11-24T23:30:00+08:00');
  await box.play(60);
  box.setTo('2026-11-24T22:30:00+08:00');
  await box.play(30);
  const shown = await box.lookBack.at(box.camera, at('2026-11-24T22:30:10+08:00'));
  assert.deepEqual([shown.ageMs, shown.atMs], [0, at('2026-11-24T23:31:10+08:00')]);
  const ahead = await box.lookBack.at(box.camera, at('2026-11-24T23:30:10+08:00'));
  assert.equal(ahead.atMs, at('2026-11-24T23:30:10+08:00'));
  const now = await box.lookBack.at(box.camera, at('2026-11-24T22:30:31+08:00'));
  assert.equal(now.ageMs, 1_000);
});

for (const [what, boot, to] of [
  ['by 56 years', '1970-01-01T23:00:00+08:00', '2026-11-24T23:00:00+08:00'],
  ['back by an hour', '2026-11-24T23:30:00+08:00', '2026-11-24T22:30:00+08:00'],
] as const)
  test(`a dry run over a step ${what} finds every incident that was really raised, and no other`, async (t) => {
    const box = startBox(t, boot);
    await box.play(60);
    await box.play(20, false);
    box.setTo(to);
    await box.play(60);
    await box.play(20, false);
    await box.play(60);
    const really = box.incidents();
    assert.deepEqual(
      really.map(({ phase }) => phase),
      ['cleared', 'cleared', 'opened'],
    );
    const { store, tracks, calendar } = box;
    const runs = new DryRuns({
      tracks,
      calendar,
      really: (camera, fromMs, toMs) =>
        store.incidentsOpened(camera, new Date(fromMs).toISOString(), new Date(toMs).toISOString()),
      clock: new ManualClock(),
      log: silentLog,
    });
    const { id } = runs.begin(box.camera);
    let run: DryRun | undefined;
    do {
      await new Promise((resolve) => setImmediate(resolve));
      run = runs.get(id);
    } while (run?.state === 'running');
    const result = run?.result;
    assert.ok(result);
    assert.deepEqual([result.raised, result.missed], [3, 0]);
    assert.deepEqual(
      result.wouldRaise.map(({ really: same, openedMs }) => [same?.id, openedMs]),
      really.map(({ id: own, openedAt }) => [own, Date.parse(openedAt)]),
    );
    const playedMs = result.toMs - result.fromMs;
    assert.ok(playedMs >= 218_000 && playedMs <= 220_000, `${playedMs} ms of 220 s`);
  });
