import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it, type TestContext } from 'node:test';
import type { Camera, DryRun, Site, TrackFrame } from '@gatehouse/contracts';
import { ManualClock, seededRandom, silentLog } from '@gatehouse/kit';
import { type ReadSegment, readSegment, type TrackStore } from '@gatehouse/store';
import fc from 'fast-check';
import { type Bench, laneZone, startRules, temporaryFolder, testSite } from '../../test/fixtures.ts';
import { compared } from '../compare.ts';
import { runOver } from '../dry-run.ts';
import { DryRuns } from '../dry-runs.ts';
import { LookBack } from '../look-back.ts';

/**
 * Frames of a scene by script: each car has a place and the seconds in which it stands there; boxes jitter.
 */
interface Stay {
  readonly x: number;
  readonly fromS: number;
  readonly toS: number;
}

function sceneFrames(stays: readonly Stay[], lengthS: number, startMs: number): TrackFrame[] {
  const random = seededRandom(7);
  return Array.from({ length: lengthS * 2 }, (_, i) => {
    const s = i / 2;
    const tracks = stays.flatMap(({ x, fromS, toS }, n) => {
      if (s < fromS || s >= toS) return [];
      const jitter = random() * 0.004;
      const box = { x1: x + jitter, y1: 0.4, x2: x + 0.1 + jitter, y2: 0.6 + jitter };
      return [{ id: n + 1, class: 'car', score: 0.9, box, seen: true, still: true } as const];
    });
    return { camera: 'east', atMs: startMs + s * 1000 + 0.4, tracks };
  });
}

/**
 * A fire alarm raises what stands in the passage at once, and lets cars stand where they otherwise may not.
 */
const fireZones = laneZone.replace(
  'clearAfterS: 5 }',
  'clearAfterS: 5, exemptions: { duringFireAlarm: true } }, { kind: fire-passage, alarmAfterS: 90, stoppedAfterS: 5, clearAfterS: 5 }',
);

const stays = fc.array(
  fc
    .record({ slot: fc.nat(7), fromS: fc.nat(200), lengthS: fc.integer({ min: 5, max: 150 }) })
    .map(({ slot, fromS, lengthS }) => ({ x: slot * 0.12, fromS, toS: fromS + lengthS })),
  { maxLength: 5 },
);

function segmentsOf(tracks: TrackStore): ReadSegment[] {
  return tracks
    .segments('east', 0, Number.MAX_SAFE_INTEGER)
    .flatMap(({ file }) => readSegment(readFileSync(file)) ?? []);
}

function cameraOf(site: Site): Camera {
  const [camera] = site.cameras;
  assert.ok(camera);
  return camera;
}

/**
 * Plays frames into the rules; a number in `restarts` is the frame before which the box restarts, one in
 * `alarmTurns` that before which a fire alarm begins or ends.
 */
async function live(
  t: TestContext,
  frames: readonly TrackFrame[],
  restarts: readonly number[] = [],
  { site = testSite(), alarmTurns = [] as readonly number[] } = {},
): Promise<Bench> {
  const folder = temporaryFolder(t);
  let bench = startRules(folder, site);
  let fireAlarm = false;
  for (const [i, frame] of frames.entries()) {
    if (restarts.includes(i)) {
      bench.stop();
      bench = startRules(folder, site);
      bench.rules.fireAlarm = fireAlarm;
    }
    if (alarmTurns.includes(i)) {
      fireAlarm = !fireAlarm;
      bench.rules.fireAlarm = fireAlarm;
    }
    bench.put(frame);
    if (i % 20 === 0) await bench.clock.advance(5_000);
  }
  await bench.clock.advance(0);
  return bench;
}

const happened = (bench: Bench) => bench.store.incidents({ limit: 1_000 }).map(({ incident }) => incident);

describe('running the rules again over stored tracks', () => {
  it('with the zones that were in force raises exactly what was really raised, also over restarts', async (t) => {
    await fc.assert(
      fc.asyncProperty(stays, fc.uniqueArray(fc.nat(599), { maxLength: 3 }), async (script, restarts) => {
        const bench = await live(t, sceneFrames(script, 300, 1_000_000), restarts);
        const { raised } = runOver(cameraOf(testSite()), {}, segmentsOf(bench.tracks));
        const again = raised.map(({ occupancy, clearedMs }) => [
          `east/illegal-parking/${occupancy}`,
          !clearedMs,
        ]);
        const then = happened(bench).map(({ id, phase }) => [
          bench.store.dedupeKeyOf(id),
          phase !== 'cleared',
        ]);
        assert.deepEqual(again.toSorted(), then.toSorted());
        bench.stop();
      }),
      { numRuns: 25, seed: 4 },
    );
  });

  it('raises what a fire alarm made of it at the time, also over restarts', async (t) => {
    const site = testSite(fireZones);
    const frameIndex = fc.nat(599);
    const alarms = fc.uniqueArray(frameIndex, { minLength: 1, maxLength: 4 });
    let hurried = 0;
    await fc.assert(
      fc.asyncProperty(
        stays,
        fc.uniqueArray(frameIndex, { maxLength: 2 }),
        alarms,
        async (script, restarts, alarmTurns) => {
          const bench = await live(t, sceneFrames(script, 300, 1_000_000), restarts, { site, alarmTurns });
          const { raised } = runOver(cameraOf(site), {}, segmentsOf(bench.tracks));
          const again = raised.map(({ kind, occupancy }) => `east/${kind}/${occupancy}`);
          const then = happened(bench).map(({ id }) => bench.store.dedupeKeyOf(id));
          assert.deepEqual(again.toSorted(), then.toSorted());
          hurried += raised.filter(({ gates }) => gates.some(({ name }) => name === 'fire-alarm')).length;
          bench.stop();
        },
      ),
      { numRuns: 12, seed: 6 },
    );
    assert.ok(hurried > 0, 'some were raised because of an alarm');
  });

  it('with a longer dwell raises fewer, with a shorter one more, and never touches what happened', async (t) => {
    const frames = sceneFrames(
      [
        { x: 0.1, fromS: 5, toS: 30 },
        { x: 0.4, fromS: 10, toS: 60 },
        { x: 0.7, fromS: 20, toS: 180 },
      ],
      260,
      1_000_000,
    );
    const bench = await live(t, frames);
    const before = happened(bench);
    const count = (violationAfterS: number) => {
      const site = testSite(laneZone.replace('violationAfterS: 30', `violationAfterS: ${violationAfterS}`));
      return runOver(cameraOf(site), {}, segmentsOf(bench.tracks)).raised.length;
    };
    assert.deepEqual([count(10), count(30), count(100), count(600)], [3, 2, 1, 0]);
    assert.deepEqual(happened(bench), before);
    bench.stop();
  });

  it('says what a moment was like: whom the rules watched and what was missing', async (t) => {
    const bench = await live(t, sceneFrames([{ x: 0.4, fromS: 0, toS: 100 }], 100, 1_000_000));
    const lookBack = new LookBack({ tracks: bench.tracks, calendar: {}, clock: new ManualClock() });
    const camera = cameraOf(testSite());
    const early = await lookBack.at(camera, 1_012_000);
    assert.equal(early.watched[0]?.phase, 'watching');
    const dwell = early.watched[0]?.gates.find(({ name }) => name === 'dwell');
    assert.deepEqual([dwell?.passed, dwell?.threshold], [false, 30]);
    assert.ok(Math.abs(Number(dwell?.value) - 12) <= 1);
    assert.equal(early.tracks.length, 1);
    const late = await lookBack.at(camera, 1_060_000);
    assert.equal(late.watched[0]?.phase, 'open');
    assert.deepEqual(late.stored, { fromMs: 1_000_000, toMs: 1_099_500 });
    const after = await lookBack.at(camera, 2_000_000);
    assert.equal(after.ageMs, 2_000_000 - 1_099_500, 'the last that was seen, and how old it is');
    const before = await lookBack.at(camera, 5);
    assert.deepEqual([before.atMs, before.watched], [undefined, []]);
    bench.stop();
  });
});

describe('a dry run', () => {
  async function dryRun(bench: Bench, camera: Camera): Promise<DryRun> {
    const runs = new DryRuns({
      tracks: bench.tracks,
      calendar: {},
      really: () => happened(bench),
      clock: new ManualClock(),
      log: silentLog,
    });
    const { id } = runs.begin(camera);
    assert.throws(() => runs.begin(camera), /DRY_RUN_BUSY|another dry run/);
    for (;;) {
      const run = runs.get(id);
      if (run && run.state !== 'running') return run;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  it('tells what would have been raised, what guards said of it, and what would be missed', async (t) => {
    const frames = sceneFrames(
      [
        { x: 0.1, fromS: 5, toS: 60 },
        { x: 0.7, fromS: 20, toS: 180 },
        { x: 0.4, fromS: 10, toS: 35 },
      ],
      260,
      1_700_000_000_000,
    );
    const bench = await live(t, frames);
    const [second, first] = happened(bench);
    assert.ok(first && second);
    const at = '2026-11-24T02:00:00.000+08:00';
    const label = { label: 'confirmed' } as const;
    bench.records.label(second.id, { request: crypto.randomUUID(), label, by: 'wang', at });
    const shorter = cameraOf(testSite(laneZone.replace('violationAfterS: 30', 'violationAfterS: 20')));
    const more = await dryRun(bench, shorter);
    assert.equal(more.state, 'done');
    assert.equal(more.result?.raised, 3);
    assert.equal(more.result?.missed, 0);
    const really = more.result?.wouldRaise.map((one) => one.really?.verdict?.label ?? Boolean(one.really));
    assert.deepEqual(really?.toSorted(), [false, true, 'confirmed'].toSorted());
    const longer = cameraOf(testSite(laneZone.replace('violationAfterS: 30', 'violationAfterS: 100')));
    const fewer = await dryRun(bench, longer);
    assert.deepEqual([fewer.result?.raised, fewer.result?.wouldMiss.map(({ id }) => id)], [1, [first.id]]);
    bench.stop();
  });

  it('is refused while nothing is stored, and can be cancelled', async (t) => {
    const bench = startRules(temporaryFolder(t));
    t.after(() => bench.stop());
    const runs = new DryRuns({
      tracks: bench.tracks,
      calendar: {},
      really: () => [],
      clock: new ManualClock(),
      log: silentLog,
    });
    assert.throws(() => runs.begin(cameraOf(testSite())), /no tracks/);
    await bench.play(0, 40);
    const { id } = runs.begin(cameraOf(testSite()));
    assert.equal(runs.cancel(id)?.state, 'cancelled');
    assert.equal(runs.get(id)?.state, 'cancelled');
    assert.equal(runs.begin(cameraOf(testSite())).state, 'running');
    runs.stop();
  });

  it('does not take one incident for two, nor another place for the same', () => {
    const raised = {
      kind: 'illegal-parking',
      zone: 'lane',
      occupancy: 'lane/1a0',
      sinceMs: 1_000,
      openedMs: 31_000,
      clearedMs: 90_000,
      wallOffsetMs: 0,
      box: { x1: 0.1, y1: 0.1, x2: 0.3, y2: 0.3 },
      gates: [],
    } as const;
    const run = {
      spans: [{ fromMs: 0, toMs: 100_000 }],
      frames: 1,
      raised: [raised, { ...raised, occupancy: 'lane/1a1' }],
    };
    const incident = {
      id: '00000000-0000-4000-8000-000000000001',
      kind: 'illegal-parking',
      phase: 'opened',
      priority: 2,
      camera: 'east',
      zone: 'lane',
      openedAt: new Date(31_000).toISOString(),
      updatedAt: new Date(31_000).toISOString(),
      evidence: { sinceMs: 1_000, atMs: 31_000, box: raised.box, gates: [] },
      handling: { state: 'new' },
      stills: [],
    } as const;
    const evidence = { ...incident.evidence, gates: [] };
    const one = compared(run, [{ ...incident, stills: [], evidence }]);
    assert.deepEqual([one.wouldRaise.filter(({ really }) => really).length, one.missed], [1, 0]);
    const elsewhere = { ...evidence, box: { x1: 0.6, y1: 0.6, x2: 0.8, y2: 0.8 } };
    const none = compared(run, [{ ...incident, stills: [], evidence: elsewhere }]);
    assert.deepEqual([none.wouldRaise.filter(({ really }) => really).length, none.missed], [0, 1]);
  });
});
