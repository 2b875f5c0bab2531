import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Condition, Incident, WouldRaise } from '@gatehouse/contracts';
import fc from 'fast-check';
import { noParking } from '../../api/test/fake-tuning.ts';
import { anIncident } from '../../api/test/fakes.ts';
import { dwellOf, firstMissing } from '../src/parts/condition-text.ts';
import { heldMs, sinceMs } from '../src/parts/places.ts';
import { sortIncidents } from '../src/state/box-state.ts';
import { summary } from '../src/state/dry-run.ts';
import { collapsed } from '../src/state/storms.ts';
import {
  freshId,
  leastCorners,
  mostCorners,
  movedCorner,
  splitSide,
  withoutCorner,
  withSetting,
} from '../src/state/zone-draft.ts';

const at = Date.parse('2026-11-24T03:00:00+08:00');
const opened = (s: number, overrides: Partial<Incident> = {}) =>
  anIncident({ openedAt: new Date(at + s * 1000).toISOString(), ...overrides });
const kinds = (incidents: readonly Incident[]) =>
  collapsed(sortIncidents(incidents)).map((row) => (row.type === 'one' ? 1 : row.members.length));

describe('a storm', () => {
  it('is many new incidents of a kind in a row, and one row', () => {
    const burst = [0, 20, 70, 120, 175].map((s) => opened(s, { kind: 'camera-health' }));
    assert.deepEqual(kinds(burst), [5]);
    assert.deepEqual(kinds([...burst, opened(60), opened(900, { kind: 'camera-health' })]), [1, 5, 1]);
  });
  it('is none when they are few, apart, of several kinds, or already taken', () => {
    assert.deepEqual(kinds([0, 1, 2].map((s) => opened(s))), [1, 1, 1]);
    assert.deepEqual(kinds([0, 100, 200, 300].map((s) => opened(s))), [1, 1, 1, 1]);
    const taken = {
      handling: { state: 'acknowledged', by: 'wang', at: '2026-11-24T03:00:00+08:00' },
    } as const;
    assert.deepEqual(kinds([opened(0), opened(1), opened(2), opened(3, taken)]), [1, 1, 1, 1]);
  });
  it('loses no incident and shows none twice', () => {
    const incident = fc
      .record({
        s: fc.nat(400),
        kind: fc.constantFrom('camera-health', 'crowd'),
        priority: fc.constantFrom(1, 2),
        state: fc.constantFrom('new', 'acknowledged'),
      })
      .map(({ s, kind, priority, state }) => opened(s, { kind, priority, handling: { state } }));
    fc.assert(
      fc.property(fc.array(incident, { maxLength: 30 }), (incidents) => {
        const rows = collapsed(sortIncidents(incidents));
        const shown = rows.flatMap((row) => (row.type === 'one' ? [row.incident] : row.members));
        assert.deepEqual(shown.map(({ id }) => id).toSorted(), incidents.map(({ id }) => id).toSorted());
      }),
      { numRuns: 300, seed: 4 },
    );
  });
});

describe('a zone draft', () => {
  it('keeps its corners in the picture and their number within what a site file takes', () => {
    const edit = fc.oneof(
      fc.record({
        do: fc.constant('move' as const),
        i: fc.nat(40),
        x: fc.double({ min: -2, max: 3, noNaN: true }),
      }),
      fc.record({ do: fc.constant('split' as const), i: fc.nat(40), x: fc.constant(0) }),
      fc.record({ do: fc.constant('remove' as const), i: fc.nat(40), x: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(edit, { maxLength: 80 }), (edits) => {
        let polygon = noParking.polygon;
        for (const { do: what, i, x } of edits)
          if (what === 'move') polygon = movedCorner(polygon, i, [x, 1 - x]);
          else polygon = what === 'split' ? splitSide(polygon, i) : withoutCorner(polygon, i);
        assert.ok(polygon.length >= leastCorners && polygon.length <= mostCorners);
        assert.ok(polygon.flat().every((v) => v >= 0 && v <= 1));
      }),
      { numRuns: 300, seed: 4 },
    );
  });
  it('changes one setting of one rule and nothing else', () => {
    const edited = withSetting(noParking, 0, 'violationAfterS', 60);
    assert.deepEqual(edited.rules, [{ ...noParking.rules[0], violationAfterS: 60 }]);
    assert.deepEqual({ ...edited, rules: [] }, { ...noParking, rules: [] });
    assert.equal(freshId([noParking, { ...noParking, id: 'zone-1' }]), 'zone-2');
  });
});

describe('what a rule measured, in words', () => {
  const gates: Condition[] = [
    { name: 'present', value: 0.4, threshold: 10, unit: 's', passed: true },
    { name: 'stopped', value: 30, threshold: 10, unit: 's', passed: true },
    { name: 'dwell', value: 75, threshold: 300, unit: 's', passed: false },
  ];
  it('names the time that runs, not one that must stay below', () => {
    assert.deepEqual([dwellOf(gates)?.condition.name, dwellOf(gates)?.share], ['dwell', 0.25]);
    assert.equal(dwellOf(gates.slice(0, 1)), undefined);
    assert.equal(firstMissing(gates)?.name, 'dwell');
  });
});

it('a dry run is summed up by what guards said of it', () => {
  const raised = (label?: 'confirmed' | 'false-alarm' | 'none'): WouldRaise => ({
    kind: 'crowd',
    zone: 'z',
    sinceMs: 0,
    openedMs: 1,
    gates: [],
    ...(label
      ? {
          really: {
            id: crypto.randomUUID(),
            ...(label === 'none' ? {} : { verdict: { label, by: 'w', at: '2026-11-24T03:00:00+08:00' } }),
          },
        }
      : {}),
  });
  const wouldRaise = [
    raised(),
    raised('confirmed'),
    raised('confirmed'),
    raised('false-alarm'),
    raised('none'),
  ];
  const wouldMiss = [{ id: crypto.randomUUID(), kind: 'crowd', zone: 'z', openedMs: 1 } as const];
  const result = { fromMs: 0, toMs: 9, frames: 3, raised: 5, missed: 1, wouldRaise, wouldMiss };
  assert.deepEqual(summary(result), {
    confirmed: 2,
    falseAlarms: 1,
    unlabelled: 1,
    fresh: 1,
    missedConfirmed: 0,
    missedFalse: 0,
    missedUnlabelled: 1,
  });
});

describe('since when an incident has been', () => {
  const since = at - 300_000;
  it('is its first frame, or its opening where that was earlier', () => {
    const evidence = { ...anIncident().evidence, sinceMs: since, atMs: at, gates: [] };
    assert.equal(sinceMs(opened(0, { evidence })), since);
    assert.equal(sinceMs(opened(-600, { evidence })), at - 600_000);
  });
  it('is told by the clock as it was set meanwhile, and so is how long it has lasted', () => {
    const frameMs = Date.parse('1970-01-01T14:00:00+08:00');
    const wallOffsetMs = since - frameMs;
    const evidence = {
      ...anIncident().evidence,
      sinceMs: frameMs,
      atMs: frameMs + 300_000,
      wallOffsetMs,
      gates: [],
    };
    assert.equal(sinceMs(opened(0, { evidence })), since);
    assert.equal(heldMs(opened(0, { evidence }), at + 60_000), 360_000);
    assert.equal(sinceMs({ ...opened(0, { evidence }), openedAt: '1970-01-01T14:05:00+08:00' }), since);
  });
});
