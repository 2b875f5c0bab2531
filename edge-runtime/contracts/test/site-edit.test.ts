import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSite, type Site, withZonesEdited, type Zone } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';

const head = `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
`;

function siteOf(text: string): Site {
  const result = parseSite(text);
  assert.ok(result.ok, result.ok ? '' : JSON.stringify(result.problems));
  return result.site;
}

/** The text after an edit of one zone's first rule: its threshold becomes 45. */
function edited(text: string, camera: string, zone = 'lane'): string {
  const zones = zonesOf(text, camera).map((one) =>
    one.id === zone
      ? { ...one, rules: one.rules.map((rule) => ({ ...rule, violationAfterS: 45 }) as typeof rule) }
      : one,
  );
  const edit = withZonesEdited(text, { [camera]: zones });
  assert.ok(edit.ok, edit.ok ? '' : JSON.stringify(edit.problems));
  return edit.text;
}

function zonesOf(text: string, camera: string): Zone[] {
  const found = siteOf(text).cameras.find(({ id }) => id === camera);
  assert.ok(found);
  return structuredClone(found.zones);
}

const camera = (id: string, zones: string, more = '') => `  - id: ${id}
    name: { zh-CN: 门, en: Gate }
    url: rtsp://192.0.2.7/${id}
${more}${zones}`;
const lane = (rules: string) => `    zones:
      - id: lane
        name: { zh-CN: 车道, en: Lane }
        polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]
        rules:${rules}
`;

const ofSharedRule = (error: unknown) =>
  error instanceof GatehouseError &&
  error.code === 'SITE_FILE_SHARED' &&
  /camera "east".*\*r in line \d+/.test(error.message) &&
  /Write the values out/.test(error.remedy);

test('an edit of a rule that is defined here and used elsewhere is refused: it would change the other camera unsaid', () => {
  const text = `${head}cameras:
${camera('east', lane('\n          - &r { kind: illegal-parking, violationAfterS: 30 }'))}${camera('west', lane('\n          - *r'))}`;
  assert.throws(() => edited(text, 'east'), ofSharedRule);
});

test('an edit where an alias stands writes it out there, and the place where it is defined stays', () => {
  const text = `${head}cameras:
${camera('west', lane('\n          - &r { kind: illegal-parking, violationAfterS: 30 }'))}${camera('east', lane('\n          - *r # as in the west'))}`;
  const after = edited(text, 'east');
  assert.ok(after.startsWith(text.slice(0, text.indexOf('*r'))));
  assert.match(after, /violationAfterS: 45\n.*\n?.*priority: 2 # as in the west\n$/);
  assert.deepEqual(zonesOf(after, 'west'), zonesOf(text, 'west'));
});

test('an alias for a polygon, a zone, a list of rules or all zones is written out at its own place alone', () => {
  const own = camera(
    'west',
    lane(' &rules\n          - kind: illegal-parking\n            violationAfterS: 30'),
  );
  const variants: Readonly<Record<string, string>> = {
    polygon: `${camera('west', lane('\n          - kind: illegal-parking').replace('[[0', '&p [[0'))}${camera('east', lane('\n          - kind: illegal-parking').replace(/polygon: .*/, 'polygon: *p # same view'))}`,
    zone: `${camera('west', lane('\n          - kind: illegal-parking').replace('- id: lane', '- &z\n        id: lane'))}${camera('east', '    zones:\n      # shared\n      - *z\n')}`,
    rules: `${own}${camera('east', lane(' *rules'))}`,
    zones: `${camera('west', lane('\n          - kind: illegal-parking').replace('zones:', 'zones: &all'))}${camera('east', '    zones: *all # the same\n')}`,
  };
  for (const [name, cameras] of Object.entries(variants)) {
    const text = `${head}cameras:\n${cameras}buses: []\n`;
    const zones = zonesOf(text, 'east').map((zone) => ({
      ...zone,
      polygon: [
        [0, 0],
        [0.5, 0],
        [0.5, 0.5],
      ] as Zone['polygon'],
      rules: zone.rules.map((rule) => ({ ...rule, priority: 1 })),
    }));
    const edit = withZonesEdited(text, { east: zones });
    assert.ok(edit.ok, name);
    assert.ok(edit.text.startsWith(text.slice(0, text.indexOf('id: east'))), name);
    assert.ok(edit.text.endsWith('buses: []\n'), name);
    assert.deepEqual(edit.site.cameras[1]?.zones, zones, name);
    assert.deepEqual(edit.site.cameras[0]?.zones, zonesOf(text, 'west'), name);
  }
});

test('zones that a merge brings become the camera’s own; what is merged stays', () => {
  const text = `${head}cameras:
  - &base
    id: west
    name: { zh-CN: 西门, en: West }
    url: rtsp://192.0.2.8/1
    zones:
      - id: lane
        name: { zh-CN: 车道, en: Lane }
        polygon: [[0, 0], [1, 0], [1, 1]]
        rules: [{ kind: illegal-parking, violationAfterS: 30 }]
  - <<: *base
    id: east
`;
  const after = edited(text, 'east');
  assert.ok(after.startsWith(text));
  assert.equal(
    zonesOf(after, 'west')[0]?.rules[0]?.kind === 'illegal-parking' && zonesOf(text, 'west').length,
    1,
  );
  assert.throws(
    () => edited(text, 'west'),
    (error) => error instanceof GatehouseError && error.code === 'SITE_FILE_SHARED',
    'the east has them by the merge',
  );
});

test('a zone that holds an anchor for another cannot be taken away', () => {
  const text = `${head}cameras:
${camera('east', lane('\n          - &r { kind: illegal-parking, violationAfterS: 30 }'))}${camera('west', lane('\n          - *r'))}`;
  assert.throws(() => withZonesEdited(text, { east: [] }), ofSharedRule);
});

test('JSON stays JSON', () => {
  const text = JSON.stringify(
    siteOf(
      `${head}cameras:\n${camera('east', lane('\n          - { kind: illegal-parking, violationAfterS: 30 }'))}`,
    ),
  );
  const after = edited(text, 'east');
  assert.equal(after, text.replace('"violationAfterS":30', '"violationAfterS":45'));
  const [zone] = zonesOf(text, 'east');
  assert.ok(zone);
  const more = withZonesEdited(text, { east: [zone, { ...zone, id: 'bay' }] });
  assert.ok(more.ok);
  assert.equal(JSON.parse(more.text).cameras[0].zones.length, 2);
  const none = withZonesEdited(text, { east: [] });
  assert.ok(none.ok);
  assert.deepEqual(JSON.parse(none.text).cameras[0].zones, []);
});

test('several zones of a list in one line can go, from either end of it', () => {
  const [zone] = zonesOf(`${head}cameras:\n${camera('east', lane(' []'))}`, 'east');
  assert.ok(zone);
  const ids = ['a', 'b', 'c', 'd'];
  const flow = ids.map(
    (id) => `{ id: ${id}, name: { zh-CN: 车道, en: Lane }, polygon: [[0, 0], [1, 0], [1, 1]] }`,
  );
  const text = `${head}cameras:\n${camera('east', `    zones: [${flow.join(', ')}] # four\n`)}`;
  for (const kept of [['a'], ['d'], ['b'], ['a', 'd'], ['b', 'c'], ['c', 'd'], []]) {
    const edit = withZonesEdited(text, { east: zonesOf(text, 'east').filter(({ id }) => kept.includes(id)) });
    assert.ok(edit.ok, kept.join());
    assert.equal(
      edit.text,
      text.replace(flow.join(', '), flow.filter((_, i) => kept.includes(ids[i] ?? '')).join(', ')),
    );
  }
});

test('a first zone goes below the key, whose comment stays, and into a camera that had none', () => {
  const [zone] = zonesOf(
    `${head}cameras:\n${camera('east', lane('\n          - kind: illegal-parking'))}`,
    'east',
  );
  assert.ok(zone);
  const empty = `${head}cameras:\n${camera('east', '    zones: [] # none yet\n')}buses: []\n`;
  const first = withZonesEdited(empty, { east: [zone] });
  assert.ok(first.ok);
  assert.match(
    first.text,
    /\n {4}zones: # none yet\n {6}- id: lane\n {8}name: \{ zh-CN: 车道, en: Lane \}\n {8}polygon: \[\[0, 0\]/,
  );
  assert.ok(first.text.endsWith('\nbuses: []\n'));
  const none = `${head}cameras:\n${camera('east', '').trimEnd()}`;
  const added = withZonesEdited(none, { east: [zone] });
  assert.ok(added.ok);
  assert.ok(added.text.startsWith(`${none}\n    zones:\n      - id: lane\n`));
});

test('a last zone leaves no line end at the end of a file that had none', () => {
  const zone = (id: string) =>
    `      - id: ${id}\n        name: { zh-CN: 车道, en: Lane }\n        polygon: [[0, 0], [1, 0], [1, 1]]`;
  const text = `${head}cameras:\n${camera('east', `    zones:\n${zone('a')}\n${zone('b')}`)}`;
  const edit = withZonesEdited(text, { east: zonesOf(text, 'east').slice(0, 1) });
  assert.ok(edit.ok);
  assert.equal(edit.text, text.slice(0, text.indexOf('\n      - id: b')));
});

test('names that YAML would take for something else are quoted, others are not', () => {
  const text = `${head}cameras:\n${camera('east', lane(' []'))}`;
  const names = [
    'yes',
    'Null',
    '12',
    '0x1F',
    '1e3',
    '.5',
    '~',
    '- a',
    'a: b',
    '#x',
    '"q"',
    "it's",
    ' lead',
    'trail ',
  ];
  names.push(
    '，',
    '2026-10-01',
    '*star',
    '&and',
    '!tag',
    '|',
    '{a}',
    '[a]',
    'a, b',
    '\\',
    '\t',
    '门\u2028口',
    '-',
    '=',
  );
  for (const name of names) {
    const zones = zonesOf(text, 'east').map((zone) => ({ ...zone, name: { 'zh-CN': name, en: `${name}!` } }));
    const edit = withZonesEdited(text, { east: zones });
    assert.ok(name.trim() === '' || edit.ok, name);
    if (edit.ok) assert.deepEqual(zonesOf(edit.text, 'east'), zones, name);
  }
  const plain = zonesOf(text, 'east').map((zone) => ({
    ...zone,
    name: { 'zh-CN': '消防通道 2号', en: 'Fire lane' },
  }));
  const edit = withZonesEdited(text, { east: plain });
  assert.match(edit.ok ? edit.text : '', /name: \{ zh-CN: 消防通道 2号, en: Fire lane \}/);
});
