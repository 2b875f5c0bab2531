import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSite, withZonesEdited, type Zone } from '@gatehouse/contracts';
import fc from 'fast-check';

/** The form of a file as somebody's editor and habit write it. */
interface Habit {
  readonly eol: '\n' | '\r\n';
  readonly mark: '' | '\ufeff';
  /** Spaces before the dash of a list, below its key. */
  readonly dash: 0 | 2 | 4;
  readonly step: 2 | 4;
  readonly flow: boolean;
  readonly trailing: '' | '  ' | '\t';
  readonly comments: boolean;
  readonly blank: boolean;
  readonly ends: boolean;
  readonly quoted: boolean;
}

const habit: fc.Arbitrary<Habit> = fc.record({
  eol: fc.constantFrom('\n', '\r\n'),
  mark: fc.constantFrom('', '\ufeff'),
  dash: fc.constantFrom(0, 2, 4),
  step: fc.constantFrom(2, 4),
  flow: fc.boolean(),
  trailing: fc.constantFrom('', '  ', '\t'),
  comments: fc.boolean(),
  blank: fc.boolean(),
  ends: fc.boolean(),
  quoted: fc.boolean(),
});

/**
 * A site file in three pieces: the text before the zones of a camera, each zone's lines, and the text after
 * them.
 */
function written(habit: Habit, zones: readonly string[]) {
  const { eol, mark, dash, flow, trailing, comments, blank, ends } = habit;
  const line = (indent: number, text: string) => `${' '.repeat(indent)}${text}${trailing}${eol}`;
  const note = comments ? ' # 备注，勿删' : '';
  const before =
    mark +
    line(0, `version: 1${note}`) +
    (blank ? eol : '') +
    line(0, "site: {id: compound,   name: { 'zh-CN': 小区, en: Compound }}") +
    line(0, 'box: { id: box-1 }') +
    line(0, 'cameras:') +
    line(2, '- id: east') +
    line(4, 'name: { zh-CN: 东门, en: East gate }') +
    line(4, `url: "rtsp://192.0.2.7/1"${note}`) +
    line(4, `zones:${note}`);
  const lines = zones.map((id, i) => {
    const at = 4 + dash;
    if (flow)
      return line(
        at,
        `- {id: ${id},  name: { zh-CN: 车道, en: Lane }, polygon: [[0,0], [1, 0],[1,1]], rules: [{kind: illegal-parking, violationAfterS: 30}]}${note}`,
      );
    return zoneLines(habit, id, at, note, line) + (blank && i === 0 ? eol : '');
  });
  const after =
    line(2, '- id: west') +
    line(4, 'name: { zh-CN: 西门, en: West gate }') +
    `    url: rtsp://192.0.2.8/1${ends ? eol : ''}`;
  return { before, lines, after };
}

function zoneLines(
  { step, quoted, comments }: Habit,
  id: string,
  at: number,
  note: string,
  line: (indent: number, text: string) => string,
): string {
  const key = at + 2;
  return (
    (comments ? line(at, '# painted yellow in 2025') : '') +
    line(at, `- id: ${quoted ? `'${id}'` : id}${note}`) +
    line(key, `name: {zh-CN: ${quoted ? '"车道"' : '车道'}, en: Lane}`) +
    line(key, 'polygon: [[0, 0], [1, 0], [1, 1]]') +
    line(key, 'rules:') +
    line(key + step, '- kind: illegal-parking') +
    line(key + step + 2, `violationAfterS: 30${note}`) +
    line(key + step + 2, 'schedule: [{ from: "22:00", to: "06:00" }]')
  );
}

const point = fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }));
/** Corners on a circle, so that no sides cross. */
const polygon = fc.integer({ min: 3, max: 8 }).map((corners): Zone['polygon'] =>
  Array.from({ length: corners }, (_, i) => {
    const angle = (2 * Math.PI * i) / corners;
    return [Math.round(50 + 40 * Math.cos(angle)) / 100, Math.round(50 + 40 * Math.sin(angle)) / 100];
  }),
);
const someText = fc
  .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
  .filter((text) => text.trim() !== '' && text.length <= 60);
const change: fc.Arbitrary<(zone: Zone) => Zone> = fc.oneof(
  polygon.map((corners) => (zone: Zone) => ({ ...zone, polygon: corners })),
  fc.tuple(someText, someText).map(([zh, en]) => (zone: Zone) => ({ ...zone, name: { 'zh-CN': zh, en } })),
  fc.integer({ min: 10, max: 3600 }).map((seconds) => (zone: Zone) => ({
    ...zone,
    rules: zone.rules.map((rule) =>
      rule.kind === 'illegal-parking' ? { ...rule, violationAfterS: seconds } : rule,
    ),
  })),
  fc.constant((zone: Zone) => ({
    ...zone,
    rules: zone.rules.map(({ schedule: _, ...rule }) => ({ ...rule, priority: 1 }) as Zone['rules'][number]),
  })),
  fc.constant((zone: Zone) => ({
    ...zone,
    rules: zone.rules.map((rule) => ({
      ...rule,
      schedule: [{ days: ['mon' as const, 'holiday' as const], from: '07:30', to: '24:00' }],
      exemptions: { hours: [], duringFireAlarm: true },
    })),
  })),
  fc.constant((zone: Zone) => ({ ...zone, rules: [] })),
);

function zonesOf(text: string): Zone[] {
  const result = parseSite(text);
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problems));
  return structuredClone(result.site.cameras[0]?.zones ?? []);
}

const ids = ['lane-1', 'lane-2', 'lane-3'];

test('an edit of one zone changes only the lines of that zone, whatever the file’s habits are', () => {
  fc.assert(
    fc.property(
      habit,
      fc.nat(2),
      fc.array(change, { minLength: 1, maxLength: 3 }),
      (habit, which, changes) => {
        const { before, lines, after } = written(habit, ids);
        const text = before + lines.join('') + after;
        const zones = zonesOf(text);
        const wanted = zones.map((zone, i) =>
          i === which ? changes.reduce((one, to) => to(one), zone) : zone,
        );
        const edit = withZonesEdited(text, { east: wanted });
        assert.ok(edit.ok, edit.ok ? '' : JSON.stringify(edit.problems));
        const head = before + lines.slice(0, which).join('');
        const tail = lines.slice(which + 1).join('') + after;
        assert.ok(edit.text.startsWith(head), 'what stands before it');
        assert.ok(edit.text.endsWith(tail), 'what stands after it');
        assert.deepEqual(zonesOf(edit.text), wanted);
        const own = edit.text.slice(head.length, edit.text.length - tail.length);
        if (habit.eol === '\r\n') assert.doesNotMatch(own, /[^\r]\n/);
        else assert.doesNotMatch(own, /\r/);
        if (habit.comments) assert.equal(own.split('# 备注，勿删').length > 1, true, 'its comments stay');
        const again = withZonesEdited(edit.text, { east: wanted });
        assert.ok(again.ok);
        assert.equal(again.text, edit.text, 'the same again changes nothing');
      },
    ),
    { numRuns: 200 },
  );
});

test('zones that come and go leave the lines of all others as they are', () => {
  fc.assert(
    fc.property(habit, fc.subarray(ids), fc.subarray(['bay', 'hydrant', 'gate']), (habit, kept, fresh) => {
      const { before, lines, after } = written(habit, ids);
      const text = before + lines.join('') + after;
      const zones = zonesOf(text);
      const [model] = zones;
      assert.ok(model);
      const wanted = [
        ...zones.filter(({ id }) => kept.includes(id)),
        ...fresh.map((id) => ({ ...model, id })),
      ];
      const edit = withZonesEdited(text, { east: wanted });
      assert.ok(edit.ok, edit.ok ? '' : JSON.stringify(edit.problems));
      assert.deepEqual(zonesOf(edit.text), wanted);
      assert.ok(edit.text.endsWith(after) || kept.length === 0);
      const bare = (zone: string) =>
        zone.split(/\r?\n/).filter((line) => line.trim() !== '' && !/^\s*#/.test(line));
      for (const [i, id] of ids.entries())
        if (kept.includes(id))
          for (const line of bare(lines[i] ?? '')) assert.ok(edit.text.split(/\r?\n/).includes(line), line);
      if (kept.length > 0 && fresh.length === 0 && !habit.comments && !habit.blank)
        assert.equal(
          edit.text,
          before + lines.filter((_, i) => kept.includes(ids[i] ?? '')).join('') + after,
        );
    }),
    { numRuns: 200 },
  );
});

test('what was changed and changed back is the file as it was', () => {
  fc.assert(
    fc.property(habit, point, (habit, [x, y]) => {
      const { before, lines, after } = written(habit, ids.slice(0, 1));
      const text = before + lines.join('') + after;
      const zones = zonesOf(text);
      const moved = zones.map((zone) => ({
        ...zone,
        polygon: [[x / 1000, y / 1000], ...zone.polygon.slice(1)] as Zone['polygon'],
        rules: zone.rules.map((rule) => ({ ...rule, violationAfterS: 77 }) as typeof rule),
      }));
      const there = withZonesEdited(text, { east: moved });
      assert.ok(there.ok, there.ok ? '' : JSON.stringify(there.problems));
      const back = withZonesEdited(there.text, { east: zones });
      assert.ok(back.ok);
      const squeezed = (one: string) => one.replaceAll(/ (?=[\d[])/g, '');
      assert.equal(squeezed(back.text), squeezed(text));
    }),
    { numRuns: 100 },
  );
});
