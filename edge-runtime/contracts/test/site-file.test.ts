import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSite } from '@gatehouse/contracts';

const good = `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras:
  - id: east
    name: { zh-CN: 东门, en: East gate }
    url: rtsp://192.0.2.7/stream1
    zones:
      - id: lane
        name: { zh-CN: 车道, en: Lane }
        polygon: [[0, 0], [1, 0], [1, 1], [0, 1]]
        rules:
          - kind: illegal-parking
            violationAfterS: 60
buses:
  - { id: tcp, kind: modbus-tcp, host: 192.0.2.9 }
devices:
  - id: barrier
    kind: barrier
    name: { zh-CN: 道闸, en: Barrier }
    bus: tcp
    unit: 1
    profile: waveshare-8
    outputs: { open: 0 }
    failMode: safe
`;

function problemsOf(text: string) {
  const result = parseSite(text);
  return result.ok ? [] : result.problems;
}

test('a good site file is accepted and defaults are filled in', () => {
  const result = parseSite(good);
  assert.ok(result.ok);
  assert.deepEqual(result.site.vision, { hardwareDecode: 'none', executionProvider: 'cpu' });
  assert.deepEqual(result.site.cameras[0]?.zones[0]?.rules[0], {
    kind: 'illegal-parking',
    classes: ['car', 'bus', 'truck'],
    stoppedAfterS: 10,
    violationAfterS: 60,
    clearAfterS: 10,
    priority: 2,
  });
});

test('the box is asked for by its addresses and by the names that the site gives it', () => {
  const names = (list: string) => parseSite(`${good}console: { host: 0.0.0.0, hostNames: [${list}] }\n`);
  const result = names('gatehouse, gatehouse.lan, box-1.jinxiu.example');
  assert.ok(result.ok);
  assert.deepEqual(result.site.console, {
    host: '0.0.0.0',
    hostNames: ['gatehouse', 'gatehouse.lan', 'box-1.jinxiu.example'],
  });
  for (const wrong of [
    'Gatehouse.lan',
    'gatehouse.lan:8080',
    'http://gatehouse.lan',
    '10.0.0.5',
    '"*"',
    '-a',
    'a..b',
    '""',
  ]) {
    const refused = names(wrong);
    assert.ok(!refused.ok, wrong);
    assert.match(refused.problems[0]?.message ?? '', /host name in lower case, such as gatehouse\.lan/);
    assert.equal(refused.problems[0]?.path, 'console.hostNames[0]');
  }
});

const mistakes: readonly (readonly [
  what: string,
  from: string,
  to: string,
  path: string,
  line: number,
  message: RegExp,
])[] = [
  [
    'an unknown key',
    'box: { id: box-1 }',
    'box: { id: box-1 }\ncolour: red',
    'colour',
    4,
    /unknown key "colour"/,
  ],
  [
    'a right key in the wrong unit',
    'violationAfterS: 60',
    'violationAfterMs: 60000',
    'cameras[0].zones[0].rules[0].violationAfterMs',
    14,
    /unknown key "violationAfterMs"; expected "violationAfterS", a number \(seconds\)/,
  ],
  [
    'a number out of its bounds',
    'violationAfterS: 60',
    'violationAfterS: 60000',
    'cameras[0].zones[0].rules[0].violationAfterS',
    14,
    /3600/,
  ],
  [
    'a polygon that crosses itself',
    '[[0, 0], [1, 0], [1, 1], [0, 1]]',
    '[[0, 0], [1, 1], [1, 0], [0, 1]]',
    'cameras[0].zones[0].polygon',
    11,
    /crosses itself/,
  ],
  [
    'pixels instead of fractions',
    '[1, 1], [0, 1]]',
    '[640, 360], [0, 1]]',
    'cameras[0].zones[0].polygon[2][0]',
    11,
    /640 lies outside the picture; expected a fraction/,
  ],
  [
    'a password in the URL',
    'rtsp://192.0.2.7',
    'rtsp://admin:x@192.0.2.7',
    'cameras[0].url',
    7,
    /without user and password/,
  ],
  [
    'a certificate of a camera without TLS',
    'rtsp://192.0.2.7/stream1',
    `rtsp://192.0.2.7/stream1\n    certificate: '${'AB'.repeat(32)}'`,
    'cameras[0].certificate',
    8,
    /expected an address that begins with rtsps:\/\//,
  ],
  [
    'a certificate that is no SHA-256',
    'rtsp://192.0.2.7/stream1',
    `rtsps://192.0.2.7/stream1\n    certificate: '${'AB:'.repeat(20)}'`,
    'cameras[0].certificate',
    8,
    /SHA-256 as 64 hexadecimal digits/,
  ],
  [
    'an address where a host is asked for',
    'rtsp://192.0.2.7/stream1',
    'rtsp://192.0.2.7/stream1\n    alsoKnownAs: [rtsp://10.0.0.5/1]',
    'cameras[0].alsoKnownAs[0]',
    8,
    /expected a host, or HOST:PORT/,
  ],
  [
    'a user name of two lines',
    'rtsp://192.0.2.7/stream1',
    'rtsp://192.0.2.7/stream1\n    username: "a\\r\\nX: b"',
    'cameras[0].username',
    8,
    /without control characters/,
  ],
  [
    'a device on a bus that is not there',
    'bus: tcp',
    'bus: rs485',
    'devices[0].bus',
    21,
    /nothing is called "rs485" below "buses"; expected an id from there: tcp/,
  ],
  [
    'stopping later than the violation',
    'violationAfterS: 60',
    'violationAfterS: 60\n            stoppedAfterS: 90',
    'cameras[0].zones[0].rules[0].stoppedAfterS',
    15,
    /more than violationAfterS/,
  ],
  [
    'an alarm later than its escalation',
    'kind: illegal-parking\n            violationAfterS: 60',
    'kind: fire-passage\n            alarmAfterS: 90\n            escalateAfterS: 60',
    'cameras[0].zones[0].rules[0].alarmAfterS',
    14,
    /more than escalateAfterS/,
  ],
  [
    'a voice prompt of one class after its alarm',
    'kind: illegal-parking\n            violationAfterS: 60',
    'kind: fire-passage\n            perClass: { truck: { voiceAfterS: 130 } }',
    'cameras[0].zones[0].rules[0].perClass.truck.voiceAfterS',
    14,
    /130 s is more than alarmAfterS \(120 s\)/,
  ],
  [
    'a night without length',
    'kind: illegal-parking\n            violationAfterS: 60',
    "kind: crowd\n            night: { from: '23:00', to: '23:00' }",
    'cameras[0].zones[0].rules[0].night.to',
    14,
    /is empty; expected two different times/,
  ],
  [
    'a time of day that YAML takes for a number',
    'violationAfterS: 60',
    'violationAfterS: 60\n            schedule: [{ from: 7:30, to: 24:30 }]',
    'cameras[0].zones[0].rules[0].schedule[0].from',
    15,
    /"7:30" has the wrong form; expected a time of day in quotes, such as "07:30"/,
  ],
  [
    'a time zone that is none',
    'name: { zh-CN: 小区, en: Compound } }',
    'name: { zh-CN: 小区, en: Compound }, timezone: Beijing }',
    'site.timezone',
    2,
    /IANA time zone/,
  ],
  [
    'a way to decode that there is not',
    'box: { id: box-1 }',
    'box: { id: box-1 }\nvision: { hardwareDecode: dxva2 }',
    'vision.hardwareDecode',
    4,
    /"dxva2" is not known; expected one of: none, auto, vaapi, cuda/,
  ],
  [
    'an execution provider that there is not',
    'box: { id: box-1 }',
    'box: { id: box-1 }\nvision: { executionProvider: tensorrt }',
    'vision.executionProvider',
    4,
    /"tensorrt" is not known; expected one of: cpu, cuda/,
  ],
  [
    'a bracket that is not closed',
    'box: { id: box-1 }',
    'box: { id: box-1',
    'box',
    3,
    /"}" or "]" at its end/,
  ],
];

for (const [what, from, to, path, line, message] of mistakes)
  test(`${what} is an error that names its path and line`, () => {
    const [problem] = problemsOf(good.replace(from, to));
    assert.equal(problem?.path, path);
    assert.equal(problem?.line, line);
    assert.match(problem?.message ?? '', message);
  });

test('every kind of rule needs its name only, and a short alarm needs no other stage moved', () => {
  const rules = [
    '{ kind: fire-passage, alarmAfterS: 10 }',
    '{ kind: crowd }',
    '{ kind: crowd, night: false }',
    '{ kind: gate-congestion }',
  ];
  for (const rule of rules)
    assert.deepEqual(
      problemsOf(
        good.replace(
          'kind: illegal-parking\n            violationAfterS: 60',
          rule.slice(2, -2).replace(/, (?=\w+:)/g, '\n            '),
        ),
      ),
      [],
      rule,
    );
  const result = parseSite(
    good.replace('kind: illegal-parking\n            violationAfterS: 60', 'kind: crowd'),
  );
  const [rule] = result.ok ? (result.site.cameras[0]?.zones[0]?.rules ?? []) : [];
  assert.deepEqual(rule?.kind === 'crowd' && rule.night, {
    people: 5,
    forS: 60,
    from: '23:00',
    to: '06:00',
  });
});

test('two cameras of one name are refused', () => {
  const twice = good.replace(
    'buses:',
    `  - id: east\n    name: { zh-CN: 甲, en: A }\n    url: rtsp://192.0.2.8/1\nbuses:`,
  );
  assert.match(problemsOf(twice)[0]?.message ?? '', /"east" is used twice/);
});

test('an empty file is refused, not taken for a site without anything', () => {
  assert.ok(problemsOf('').length > 0);
});
