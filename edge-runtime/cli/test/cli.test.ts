import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatehouse } from './gatehouse.ts';

const site = `version: 1
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
        rules: [{ kind: illegal-parking, stoppedAfterS: 5, violationAfterS: 10, clearAfterS: 3 }]
`;

test('config check says ok, or every problem as file:line: path: message, and exits accordingly', (t) => {
  const { file, run } = gatehouse(t);
  const good = file('good.yaml', site);
  assert.deepEqual(run('config', 'check', good), {
    status: 0,
    out: `${good}: ok (1 cameras, 0 buses, 0 devices)\n`,
    err: '',
  });
  const bad = file(
    'bad.yaml',
    site.replace('violationAfterS: 10', 'violationAfterMs: 10').replace('id: box-1', 'id: Box 1'),
  );
  const { status, out } = run('config', 'check', bad);
  assert.equal(status, 1);
  assert.match(out, /bad\.yaml:3: box\.id: "Box 1" is no id; expected 1 to 63 of a-z/);
  assert.match(
    out,
    /bad\.yaml:12: cameras\[0\]\.zones\[0\]\.rules\[0\]\.violationAfterMs: unknown key .*expected "violationAfterS", a number \(seconds\)/,
  );
  const json = JSON.parse(run('config', 'check', bad, '--json').out);
  assert.deepEqual([json.ok, json.problems.length], [false, 2]);
});

test('config check knows the relay boards: a profile or a channel that there is not has its line', (t) => {
  const { file, run } = gatehouse(t);
  const door = (id: string, profile: string, relay: number) =>
    `  - { id: ${id}, kind: door, name: { zh-CN: 门, en: Door }, bus: b, unit: 1, profile: ${profile}, outputs: { open: ${relay} }, failMode: safe }\n`;
  const buses = 'buses: [{ id: b, kind: modbus-tcp, host: 192.0.2.8 }]\ndevices:\n';
  const wrong = site + buses + door('a', 'acme-relay-9', 0) + door('c', 'waveshare-modbus-rtu-relay-8ch', 8);
  const { status, out } = run('config', 'check', file('boards.yaml', wrong));
  assert.equal(status, 1);
  assert.match(
    out,
    /boards\.yaml:15: devices\[0\]\.profile: no profile is called "acme-relay-9"; expected one of: /,
  );
  assert.match(
    out,
    /boards\.yaml:16: devices\[1\]\.outputs\.open: waveshare-modbus-rtu-relay-8ch has no relay 8; expected 0 to 7/,
  );
  const two =
    site + buses + door('a', 'r413d08-relay-8ch', 0) + door('c', 'waveshare-modbus-rtu-relay-8ch', 1);
  assert.match(
    run('config', 'check', file('two.yaml', two)).out,
    /two\.yaml:15: devices\[0\]\.profile: unit 1 of bus b has profile waveshare-modbus-rtu-relay-8ch already; expected the same board.*\n.*two\.yaml:16: devices\[1\]\.profile: unit 1 of bus b has profile r413d08-relay-8ch already/,
  );
});

test('config check and doctor report a broker without TLS beyond this machine, with the remedy', (t) => {
  const { file, run } = gatehouse(t);
  // TEST-NET-1 (RFC 5737) belongs to nobody.
  const open = file('open.yaml', `${site}uplink: { url: "mqtt://192.0.2.9" }\n`);
  const checked = run('config', 'check', open);
  assert.equal(checked.status, 1);
  assert.match(
    checked.out,
    /open\.yaml:13: uplink\.url: mqtt:\/\/ is taken for this machine alone.*; expected mqtts/,
  );
  assert.match(checked.out, /\. Write mqtts:\/\/, or allow it: plaintext: 192\.0\.2\.9\.\n/);
  assert.match(
    run('doctor', '--site', open).out,
    /^fail upstream plaintext: mqtt:\/\/192\.0\.2\.9: .* {2}→ In the site file: Write mqtts/m,
  );
  const allowed = file('allowed.yaml', `${site}uplink: { url: "mqtt://192.0.2.9", plaintext: 192.0.2.9 }\n`);
  assert.equal(run('config', 'check', allowed).status, 0);
});

test('doctor names a secret that cannot be read, and gives one remedy for a missing model', (t) => {
  const { file, run } = gatehouse(t);
  const secret = site.replace(
    'url:',
    'analysis: { model: yolox-nano-416 }\n    username: gh\n    password: { file: cam-pw }\n    url:',
  );
  const { status, out } = run('doctor', '--site', file('site.yaml', secret));
  assert.equal(status, 1);
  assert.match(out, /^fail camera east password: .*cam-pw \(ENOENT\)/m);
  assert.match(out, /^fail +model: .*MODEL_MISSING: model yolox-nano-416 [^→]*→ Run: [^→]*\n/m);
});

const failures: readonly (readonly [what: string, args: readonly string[], said: RegExp])[] = [
  ['a verb that does not exist', ['open-sesame'], /USAGE: no verb is called "open-sesame"/],
  ['an option that does not exist', ['incidents', '--all'], /USAGE: incidents: Unknown option '--all'/],
  ['a missing option', ['events'], /USAGE: events: --since is missing\. See: gatehouse help events/],
  [
    'a time that is none',
    ['events', '--since', 'yesterday'],
    /--since "yesterday" is no instant and no span/,
  ],
  [
    'a file that is not there',
    ['config', 'check', '/no/site.yaml'],
    /SITE_FILE_MISSING: cannot read site file \/no\/site\.yaml \(ENOENT\)/,
  ],
  [
    'a clip that is not there',
    ['detect', '--input', '/no/clip.mp4'],
    /CLIP_MISSING: cannot read the clip \/no\/clip\.mp4/,
  ],
  [
    'a box that does not run',
    ['incidents'],
    /PEER_DOWN: runtime did not answer \/incidents\S* \(ENOENT\)\. Check that the runtime service runs\./,
  ],
  [
    'a frame rate that is none',
    ['detect', '--input', 'x', '--fps', '0'],
    /USAGE: detect: --fps "0" must be a number above 0/,
  ],
  ['a model nobody knows', ['models', 'fetch', 'yolo-9000'], /yolo-9000/],
];

for (const [what, args, said] of failures)
  test(`${what} is one clear line on stderr and a non-zero exit`, (t) => {
    const { status, out, err } = gatehouse(t).run(...args);
    assert.equal(status, 1);
    assert.equal(out, '');
    assert.match(err, said);
    assert.equal(err.trim().split('\n').length, 1);
  });

test('replay of recorded tracks gives the incidents, and the same bytes every time', (t) => {
  const { file, run } = gatehouse(t);
  const box = { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 };
  const track = { id: 1, class: 'car', score: 0.9, box, seen: true, still: true };
  const frames = Array.from({ length: 60 }, (_, n) =>
    JSON.stringify({ camera: 'east', atMs: n * 500, tracks: n < 40 ? [track] : [] }),
  );
  const args = [
    'replay',
    '--site',
    file('site.yaml', site),
    '--tracks',
    file('tracks.ndjson', frames.join('\n')),
  ];
  const first = run(...args);
  assert.equal(first.status, 0);
  const changes = first.out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    changes.map(({ t, phase, kind, zone }) => [t, phase, kind, zone]),
    [
      [10, 'opened', 'illegal-parking', 'lane'],
      [23, 'cleared', 'illegal-parking', 'lane'],
    ],
  );
  assert.equal(run(...args).out, first.out);
});

test('a replay knows the time of day by --at only, and schedules go by it', (t) => {
  const { file, run } = gatehouse(t);
  const track = {
    id: 1,
    class: 'car',
    score: 0.9,
    box: { x1: 0.4, y1: 0.4, x2: 0.6, y2: 0.6 },
    seen: true,
    still: true,
  };
  const frames = Array.from({ length: 40 }, (_, n) =>
    JSON.stringify({ camera: 'east', atMs: n * 500, tracks: [track] }),
  );
  const byDay = site.replace('clearAfterS: 3', "clearAfterS: 3, schedule: [{ from: '08:00', to: '18:00' }]");
  const args = [
    'replay',
    '--site',
    file('site.yaml', byDay),
    '--tracks',
    file('tracks.ndjson', frames.join('\n')),
  ];
  const opened = (...more: string[]) => run(...args, ...more).out.includes('"phase":"opened"');
  assert.ok(opened());
  assert.ok(opened('--at', '2026-11-24T10:00:00+08:00'));
  assert.ok(!opened('--at', '2026-11-24T20:00:00+08:00'));
  assert.match(run(...args, '--at', 'noon').err, /--at "noon" is no time with an offset/);
});

test('a broken line among recorded tracks is named by its number', (t) => {
  const { file, run } = gatehouse(t);
  const tracks = file('tracks.ndjson', '{"camera":"east","atMs":0,"tracks":[]}\n{"camera":"east"');
  const { status, err } = run('replay', '--site', file('site.yaml', site), '--tracks', tracks);
  assert.equal(status, 1);
  assert.match(err, /TRACKS_INVALID: tracks, line 2/);
});

test('doctor names each thing that is not well with its remedy, and fails', (t) => {
  const { file, run } = gatehouse(t);
  const withBus = `${site.replace('192.0.2.7', '127.0.0.1:1')}buses: [{ id: rs485, kind: modbus-rtu, path: /dev/no-such-adapter }]
devices: [{ id: door, kind: door, name: { zh-CN: 门, en: Door }, bus: rs485, unit: 1, profile: waveshare-modbus-rtu-relay-8ch, outputs: { open: 0 }, failMode: safe }]
readers: [{ id: lobby, name: { zh-CN: 读卡器, en: Reader }, path: /dev/no-such-reader, door: door }]\n`;
  const { status, out } = run('doctor', '--site', file('site.yaml', withBus), '--json');
  assert.equal(status, 1);
  const checks = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const find = (name: string) => checks.find((check) => check.name === name);
  assert.equal(find('ffmpeg').status, 'ok');
  assert.equal(find('disk').status, 'ok');
  assert.equal(find('bus rs485').status, 'fail');
  assert.match(find('bus rs485').remedy, /Plug the adapter in/);
  assert.equal(find('reader lobby').status, 'fail');
  assert.equal(find('profiles').status, 'ok');
  assert.match(find('camera east address').detail, /127\.0\.0\.1:1: ECONNREFUSED/);
  assert.notEqual(find('model').status, 'ok');
  for (const check of checks)
    if (check.status !== 'ok') assert.ok(check.remedy, `${check.name} has no remedy`);
});

test('help lists every verb', (t) => {
  const { out } = gatehouse(t).run('help');
  for (const verb of ['doctor', 'config check', 'detect', 'replay', 'models', 'events', 'incidents'])
    assert.match(out, new RegExp(`^gatehouse ${verb}`, 'm'));
});
