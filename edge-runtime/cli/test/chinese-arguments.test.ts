import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatehouse } from './gatehouse.ts';

/** A wrong command line, and what is said of it in both languages. */
const mistakes: readonly (readonly [args: readonly string[], zh: RegExp, en: RegExp])[] = [
  [
    ['incidents', '--all'],
    /USAGE：incidents：没有选项“--all”。见：gatehouse help incidents/,
    /USAGE: incidents: Unknown option '--all'\. See: gatehouse help incidents/,
  ],
  [['incidents', '-x'], /没有选项“-x”/, /Unknown option '-x'/],
  [
    ['events', '--since'],
    /events：--since 缺少取值。/,
    /events: Option '--since <value>' argument missing\./,
  ],
  [
    ['incidents', '--open=1'],
    /incidents：--open 不带取值。/,
    /incidents: Option '--open' does not take an argument\./,
  ],
  [
    ['events', '--since', '-1h'],
    /events：--since 的取值不明确。如果“-1h”是它的取值，请写 --since=-1h。/,
    /events: Option '--since' argument is ambiguous\. If "-1h" is its value, write --since=-1h\./,
  ],
  [['incidents', 'all'], /incidents：“all”是多余的。/, /incidents: Unexpected argument 'all'\./],
  [['restore', 'a.db', 'b.db'], /restore：“b\.db”是多余的。/, /restore: Unexpected argument 'b\.db'\./],
  [
    ['audit', 'verify', '--head', 'abc'],
    /audit：--head 应为记录编号、冒号和它的 64 个字符的哈希值。/,
    /audit: --head must be an entry number, a colon and its hash of 64 characters\./,
  ],
  [
    ['bus', 'scan', '--path', 'ttyUSB0'],
    /bus：--path “ttyUSB0”不是以“\/”开头的路径。请运行：gatehouse bus ports/,
    /bus: --path "ttyUSB0" is no path that starts with "\/"\. Say: gatehouse bus ports/,
  ],
  [
    ['bus', 'scan', '--path', '/dev/x', '--parity', 'evn'],
    /bus：--parity 没有“evn”这个取值。现有：even、/,
    /bus: --parity "evn" is not known\. There are: even, /,
  ],
  [
    ['bus', 'scan', '--host', 'h', '--port', '70000'],
    /bus：--port “70000”不是 1 到 65535 之间的整数。/,
    /bus: --port "70000" is no whole number from 1 to 65535\./,
  ],
  [['bus', 'scan', '--host='], /bus：缺少 --host。/, /bus: --host is missing\./],
  [
    ['bus', 'look'],
    /请用 "bus ports", "bus scan", "bus read" 或 "bus dry-run"。/,
    /say "bus ports", .* or "bus dry-run"\./,
  ],
];

for (const [args, zh, en] of mistakes)
  test(`gatehouse ${args.join(' ')} is one line in each language`, (t) => {
    const { run } = gatehouse(t);
    for (const [language, said] of [
      ['zh', zh],
      ['en', en],
    ] as const) {
      const { status, out, err } = run(...args, `--lang=${language}`);
      assert.deepEqual([status, out], [1, '']);
      assert.match(err, new RegExp(`^gatehouse: [^\\n]*${said.source}[^\\n]*\\n$`));
    }
  });

test('options may stand before words, and a value may begin with a dash behind an equals sign', (t) => {
  const { run } = gatehouse(t);
  assert.match(run('events', '--since=-1h').err, /--since "-1h" is no instant and no span/);
  assert.match(run('audit', '--json', 'verify', '--file', '/no.db').err, /AUDIT_FILE_MISSING/);
});

const frame = { camera: 'east', atMs: 0, tracks: [] };
const lines: readonly (readonly [line: string, said: RegExp])[] = [
  ['{', /轨迹第 1 行：不是 JSON。每行请给出一个 JSON 格式的 TrackFrame。/],
  [JSON.stringify({ ...frame, atMs: 'now' }), /轨迹第 1 行：atMs：应为 number，实际是 string。/],
  [JSON.stringify({ ...frame, atMs: -1 }), /轨迹第 1 行：atMs：number 太小，应为 >=0。/],
  [JSON.stringify({ ...frame, extra: 1 }), /轨迹第 1 行：frame：未知的键“extra”。/],
  [JSON.stringify({ ...frame, camera: 'west' }), /轨迹第 1 行：站点文件中没有摄像机“west”。/],
];

test('a replay tells in Chinese what is wrong with a line of recorded tracks', (t) => {
  const { file, run } = gatehouse(t);
  const site = file(
    'site.yaml',
    `version: 1
site: { id: compound, name: { zh-CN: 小区, en: Compound } }
box: { id: box-1 }
cameras: [{ id: east, name: { zh-CN: 东门, en: East }, url: rtsp://192.0.2.7/1 }]
`,
  );
  for (const [line, said] of lines) {
    const { status, err } = run(
      'replay',
      '--site',
      site,
      '--tracks',
      file('tracks.ndjson', line),
      '--lang',
      'zh',
    );
    assert.equal(status, 1);
    assert.match(err, said);
  }
});
