import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Camera, type Finding, TrackFrame } from '@gatehouse/contracts';
import fc from 'fast-check';
import { IncidentEngine, replayLine, replayTracks } from '../index.ts';

const name = { 'zh-CN': '东门', en: 'east gate' };
/** The corners of the picture, in order. */
const polygon = [0, 1, 3, 2].map((n) => [n % 2, Math.floor(n / 2)]);
const parking = { kind: 'illegal-parking', stoppedAfterS: 5, violationAfterS: 30, clearAfterS: 5 };
const at = (text: string) => Date.parse(text);

function camera(schedule: object): Camera {
  const zones = [{ id: 'lane', name, polygon, rules: [{ ...parking, schedule: [schedule] }] }];
  return Camera.parse({ id: 'east', name, url: 'rtsp://127.0.0.1/', zones });
}
const night = camera({ from: '22:00', to: '06:00' });

/** A car stands in every frame, one a second; `wallAt` says what the box's clock shows at a second. */
function frames(bootWallMs: number, seconds: number, wallAt: (s: number) => number): TrackFrame[] {
  const box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 };
  const track = { id: 1, class: 'car', score: 0.9, box, seen: true, still: true } as const;
  return Array.from({ length: seconds }, (_, s) => {
    const atMs = bootWallMs + s * 1000;
    return TrackFrame.parse({ camera: 'east', atMs, tracks: [track], wallOffsetMs: wallAt(s) - atMs });
  });
}

/** A clock that boots at one time and is set to another after so many seconds. */
function stepped(boot: string, stepAtS: number, to: string, seconds: number): TrackFrame[] {
  const wallAt = (s: number) => (s < stepAtS ? at(boot) + s * 1000 : at(to) + (s - stepAtS) * 1000);
  return frames(at(boot), seconds, wallAt);
}

function story(own: Camera, given: readonly TrackFrame[], fromMs: number): string[] {
  const engine = new IncidentEngine([own]);
  return given
    .flatMap((frame) => engine.step(frame))
    .map(({ phase, evidence: { sinceMs, atMs } }: Finding) => {
      const [since, told] = [sinceMs, atMs].map((ms) => Math.round((ms - fromMs) / 1000));
      return `${phase}@${told} since ${since}`;
    });
}

test('a schedule holds from the step on that sets the clock of a box without a battery to night', () => {
  const boot = '1970-01-01T14:00:00+08:00';
  const given = stepped(boot, 120, '2026-11-24T23:00:00+08:00', 200);
  assert.deepEqual(story(night, given, at(boot)), ['opened@150 since 120']);
});

test('a schedule ends with the step that sets the clock to day, and what was open is cleared', () => {
  const boot = '2026-11-24T23:00:00+08:00';
  const given = stepped(boot, 120, '2026-11-24T14:00:00+08:00', 200);
  assert.deepEqual(story(night, given, at(boot)), [
    'opened@30 since 0',
    'updated@90 since 0',
    'cleared@120 since 0',
  ]);
});

for (const [what, to] of [
  ['years ahead', '2031-11-24T23:30:00+08:00'],
  ['by an hour ahead', '2026-11-25T00:00:10+08:00'],
  ['by an hour back', '2026-11-24T22:00:10+08:00'],
  ['back before 1973', '1970-01-01T23:00:00+08:00'],
] as const)
  test(`a dwell counts real seconds when the clock is set ${what} within the schedule`, () => {
    const boot = '2026-11-24T23:00:00+08:00';
    const given = stepped(boot, 10, to, 60);
    assert.deepEqual(story(night, given, at(boot)), ['opened@30 since 0']);
  });

test('a night limit of a crowd follows the clock as it is set', () => {
  const zones = [
    { id: 'lane', name, polygon, rules: [{ kind: 'crowd', night: { from: '22:00', to: '06:00' } }] },
  ];
  const crowd = Camera.parse({ id: 'east', name, url: 'rtsp://127.0.0.1/', zones });
  const person = (id: number) => {
    const x = 0.3 + id * 0.05;
    const box = { x1: x, y1: 0.4, x2: x + 0.05, y2: 0.6 };
    return { id, class: 'person', score: 0.9, box, seen: true, still: true } as const;
  };
  const people = (given: readonly TrackFrame[]) => {
    const engine = new IncidentEngine([crowd]);
    const each = given.map((frame) => ({ ...frame, tracks: [1, 2, 3, 4, 5, 6, 7].map(person) }));
    return each.flatMap((frame) => engine.step(frame)).length;
  };
  assert.equal(people(stepped('2026-11-24T14:00:00+08:00', 900, '2026-11-24T14:15:00+08:00', 900)), 0);
  assert.ok(people(stepped('2026-11-24T14:00:00+08:00', 10, '2026-11-24T23:00:00+08:00', 900)) > 0);
});

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}
async function replayed(own: Camera, given: readonly TrackFrame[]): Promise<string[]> {
  const out: string[] = [];
  const lines = given.map((frame) => JSON.stringify(frame));
  for await (const line of replayTracks(each(lines), [own])) out.push(line);
  return out;
}

test('a replay of the tracks gives the same bytes as the run, also across a step', async () => {
  const given = stepped('1970-01-01T14:00:00+08:00', 120, '2026-11-24T23:00:00+08:00', 400);
  const engine = new IncidentEngine([night]);
  const live = given.flatMap((frame) => engine.step(frame)).map((finding) => replayLine(finding));
  assert.ok(live.length >= 2, 'opened and told again');
  assert.deepEqual(await replayed(night, given), live);
});

test('evidence says by how much the clock had been set when it was found, and nothing before a step', () => {
  const boot = '2026-11-24T22:30:00+08:00';
  const engine = new IncidentEngine([night]);
  const told = stepped(boot, 40, '2026-11-24T23:30:00+08:00', 120).flatMap((frame) => engine.step(frame));
  const shift = told.map(({ evidence }) => evidence.wallOffsetMs);
  assert.deepEqual(shift, [undefined, 3_600_000 - 40_000]);
});

test('tracks that do not tell the clock are taken as before: epoch milliseconds are the time, a clip has none', () => {
  const without = (start: string) =>
    frames(at(start), 60, () => 0).map(({ wallOffsetMs: _, ...frame }): TrackFrame => frame);
  const opens = (start: string) => story(night, without(start), at(start)).length;
  assert.equal(opens('2026-11-24T23:00:00+08:00'), 1);
  assert.equal(opens('2026-11-24T14:00:00+08:00'), 0);
  assert.equal(opens('1970-01-01T14:00:00+08:00'), 1, 'every schedule holds over a clip');
});

/**
 * The oracle's own arithmetic: zones with one offset in the years of this test, and days counted from a
 * Thursday.
 */
const minutesEast = { 'Asia/Shanghai': 480, 'Asia/Kolkata': 330 } as const;
const days = ['thu', 'fri', 'sat', 'sun', 'mon', 'tue', 'wed'] as const;

interface Window {
  readonly days: readonly (typeof days)[number][];
  /** Minutes of the day. */
  readonly from: number;
  readonly to: number;
}

/** True if a weekly window holds, by counting the minutes since it last began. */
function holds(window: Window, wallMs: number, eastMin: number): boolean {
  const localMin = Math.floor(wallMs / 60_000) + eastMin;
  const lastsMin = window.to > window.from ? window.to - window.from : window.to + 1440 - window.from;
  const today = Math.floor(localMin / 1440);
  return [today - 1, today].some((day) => {
    const sinceMin = localMin - (day * 1440 + window.from);
    const starts = days[((day % 7) + 7) % 7];
    return starts !== undefined && window.days.includes(starts) && sinceMin >= 0 && sinceMin < lastsMin;
  });
}

const clock = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Instants at which neither zone has summer time: China had it from 1986 to 1991. */
const instant = fc.oneof(
  fc.integer({ min: at('1970-01-02T00:00:00Z'), max: at('1984-01-01T00:00:00Z') }),
  fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2038-01-01T00:00:00Z') }),
);
const minuteOfDay = fc.nat(1439);
const window = fc.record({
  days: fc.subarray([...days], { minLength: 1 }),
  from: minuteOfDay,
  to: minuteOfDay,
});
/** Where the clock is set to, or by how much, after so many frames. */
const step = fc.record({
  after: fc.integer({ min: 1, max: 25 }),
  set: fc.oneof(
    fc.record({ to: instant }),
    fc.record({ byMs: fc.integer({ min: -90_000_000, max: 90_000_000 }) }),
  ),
});

test('whatever steps a clock makes, a schedule holds at a frame if it holds at the local time of that frame', () => {
  let held = 0;
  let not = 0;
  fc.assert(
    fc.property(
      fc.constantFrom('Asia/Shanghai', 'Asia/Kolkata'),
      window,
      instant,
      fc.array(step, { maxLength: 6 }),
      fc.integer({ min: 1_000, max: 90_000 }),
      (timezone, own, bootMs, steps, everyMs) => {
        const east = camera({ days: own.days, from: clock(own.from), to: clock(own.to) });
        const engine = new IncidentEngine([east], { timezone });
        const [standing] = frames(0, 1, () => 0);
        assert.ok(standing);
        let realMs = 0;
        let wallMs = bootMs;
        for (const { after, set } of [...steps, { after: 25, set: { byMs: 0 } }]) {
          for (let i = 0; i < after; i++) {
            const atMs = bootMs + realMs;
            engine.step({ ...standing, atMs, wallOffsetMs: wallMs - atMs });
            const expected = holds(own, wallMs, minutesEast[timezone]);
            const found = engine.candidates('east').length > 0;
            assert.equal(found, expected, `at ${new Date(wallMs).toISOString()}`);
            if (found) held++;
            else not++;
            realMs += everyMs;
            wallMs += everyMs;
          }
          wallMs = 'to' in set ? set.to : Math.max(0, wallMs + set.byMs);
        }
      },
    ),
    { numRuns: 300, seed: 11 },
  );
  assert.ok(held > 1_000 && not > 1_000, `${held} frames in force, ${not} not`);
});

test('whatever steps a clock makes within a schedule, a stay is neither cut nor prolonged', () => {
  const always = camera({ from: '00:00', to: '24:00' });
  fc.assert(
    fc.property(instant, fc.array(step, { maxLength: 6 }), (bootMs, steps) => {
      const engine = new IncidentEngine([always]);
      const [standing] = frames(0, 1, () => 0);
      assert.ok(standing);
      let realMs = 0;
      let wallMs = bootMs;
      const told: number[] = [];
      for (const { after, set } of [...steps, { after: 60, set: { byMs: 0 } }]) {
        for (let i = 0; i < after; i++) {
          const atMs = bootMs + realMs;
          const found = engine.step({ ...standing, atMs, wallOffsetMs: wallMs - atMs });
          told.push(
            ...found.filter(({ phase }) => phase === 'opened').map(({ evidence }) => evidence.atMs - bootMs),
          );
          realMs += 1_000;
          wallMs += 1_000;
        }
        wallMs = 'to' in set ? set.to : Math.max(0, wallMs + set.byMs);
      }
      assert.deepEqual(told, [30_000]);
    }),
    { numRuns: 300, seed: 12 },
  );
});
