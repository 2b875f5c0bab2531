import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitnessFaults, type Language, parseSite, problemLine, type SiteProblem } from '@gatehouse/contracts';
import fc from 'fast-check';
import { good, mistakes } from './site-mistakes.ts';

function problemsOf(source: string | Uint8Array, language: Language = 'en'): readonly SiteProblem[] {
  const result = parseSite(source, { language, checks: [fitnessFaults] });
  return result.ok ? result.notes : result.problems;
}
const told = (source: string | Uint8Array, language: Language = 'en') =>
  problemsOf(source, language).map((problem) => problemLine('s.yaml', problem, language));

for (const [what, from, to, line] of mistakes)
  test(`${what} is one line with file, line, path, the expected form and the remedy, in both languages`, () => {
    assert.ok(good.includes(from), from);
    const text = good.replace(from, () => to);
    const lines = told(text);
    assert.match(lines[0] ?? 'nothing', line);
    const chinese = told(text, 'zh-CN');
    assert.equal(chinese.length, lines.length);
    for (const one of chinese)
      assert.match(one, /^s\.yaml:\d+: [^\u4e00-\u9fff]*[\w)\]]: [^:：]*.*应.*[。？]$/u);
    for (const one of [...lines, ...chinese]) {
      assert.doesNotMatch(one, /Secret#9|Too (small|big)|Invalid|undefined|\{\{|NaN/);
      assert.doesNotMatch(one, /\n/);
    }
  });

test('what is right is taken: anchors, merges, a mark, JSON, dates and windows as people write them', () => {
  const camera = good.slice(good.indexOf('  - id: west-lane'), good.indexOf('buses:'));
  const second = camera.replaceAll('west', 'east').replace('{ file: east-password }', '*pw');
  const right: Readonly<Record<string, string>> = {
    plain: good,
    'windows line ends': good.replaceAll('\n', '\r\n'),
    'a byte order mark': `\ufeff${good}`,
    'an anchor and its alias': good.replace(camera, camera.replace('{ file', '&pw { file') + second),
    'a merge key': good.replace(
      camera,
      camera.replace('- id', '- &cam\n    id') +
        '  - { <<: *cam, id: south, name: { zh-CN: 南, en: South }, url: rtsp://192.0.2.30/1 }\n',
    ),
    JSON: JSON.stringify({
      version: 1,
      site: { id: 'a', name: { 'zh-CN': '甲', en: 'A' } },
      box: { id: 'b' },
    }),
    'a window over midnight': good.replace(
      'violationAfterS: 60',
      'schedule: [{ from: "22:00", to: "06:00" }]',
    ),
    'a date without quotes': good.replace('id: riverside\n', 'id: riverside\n  holidays: [2026-10-01]\n'),
    'an offset for a time zone': good.replace('id: riverside\n', 'id: riverside\n  timezone: "+08:00"\n'),
    'a zone without rules': good.replace(/ {8}rules:\n.*\n.*\n/, ''),
  };
  const noted: Readonly<Record<string, string>> = {
    JSON: 'no-cameras',
    'an offset for a time zone': 'time-zone-offset',
    'a zone without rules': 'no-rules',
  };
  for (const [what, text] of Object.entries(right)) {
    const result = parseSite(text, { checks: [fitnessFaults] });
    assert.ok(result.ok, `${what}: ${told(text).join('\n')}`);
    assert.deepEqual(
      result.notes.map(({ code, severity }) => [code, severity]),
      noted[what] === undefined ? [] : [[noted[what], 'note']],
      what,
    );
  }
});

test('an octal-looking number is taken as YAML 1.2 reads it, with a note', () => {
  const text = good.replace('unit: 3', 'unit: 010');
  const result = parseSite(text);
  assert.ok(result.ok);
  assert.equal(result.site.devices[0]?.unit, 10);
  assert.match(told(text)[0] ?? '', /:29: devices\[0\]\.unit: note: 010 is read as 10.*Write 10\.$/);
});

test('every problem of a file is told, in the order of its lines', () => {
  const text = good
    .replace('id: riverside-box', 'id: Box')
    .replace('unit: 3', 'unit: 0')
    .replace('19200', '1');
  assert.deepEqual(
    problemsOf(text).map(({ line, path }) => [line, path]),
    [
      [5, 'box.id'],
      [23, 'buses[0].baudRate'],
      [29, 'devices[0].unit'],
    ],
  );
});

test('a file that is not UTF-8 is told by its encoding, with the command that converts it', () => {
  const utf16 = (text: string, swap = false) => {
    const bytes = Buffer.from(text, 'utf16le');
    return swap ? bytes.swap16() : bytes;
  };
  // "小区" of the name in GB 18030, as a Chinese Windows editor saves it.
  const gbk = Buffer.concat([
    Buffer.from('version: 1\nsite: { id: a, name: { zh-CN: '),
    Buffer.from([0xd0, 0xa1, 0xc7, 0xf8]),
    Buffer.from(', en: A } }\n'),
  ]);
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [
      utf16(`\ufeff${good}`),
      /:1: \(file\): the file is UTF-16LE; expected UTF-8\. .*iconv -f UTF-16LE -t UTF-8/,
    ],
    [utf16(good.slice(0, 40)), /UTF-16LE/],
    [utf16(`\ufeff${good}`, true), /UTF-16BE/],
    [gbk, /the file is GB18030 \(GBK.*expected UTF-8\. .*iconv -f GB18030/],
    [
      Buffer.concat([Buffer.from('version: 1\nsite: '), Buffer.from([0xc3])]),
      /:2: \(file\): the bytes of this line are no UTF-8/,
    ],
  ];
  for (const [bytes, line] of cases) assert.match(told(bytes)[0] ?? '', line);
  assert.equal(problemsOf(Buffer.from(good)).length, 0);
  assert.equal(parseSite(Buffer.from(`\ufeff${good}`)).ok, true);
});

test('no text and no bytes make the check throw, and each answer is a line of the file with a remedy', () => {
  const mangled = fc
    .tuple(
      fc.nat(good.length),
      fc.nat(30),
      fc.string({ maxLength: 12, unit: fc.constantFrom(...' \t\n:-[]{},"\'*&#|>?%@`!~a1，：“”＃：\r\\') }),
    )
    .map(([at, cut, put]) => good.slice(0, at) + put + good.slice(at + cut));
  const check = (source: string | Uint8Array) => {
    for (const { line, path, message, remedy } of problemsOf(source)) {
      assert.ok(line >= 1 && path !== '' && message !== '' && remedy !== '');
      assert.doesNotMatch(message, /\{\{\w+\}\}|undefined|Too small|Invalid input/);
    }
  };
  fc.assert(fc.property(mangled, check), { numRuns: 400 });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), check), { numRuns: 200 });
});

test('a file that is no list of keys is told as such', () => {
  for (const text of ['- a\n- b\n', 'just words\n', '42\n'])
    assert.match(told(text)[0] ?? '', /^s\.yaml:1: \(file\): the file holds no keys; expected "version: 1"/);
  for (const text of ['', '# nothing\n', '~\n', '&a\n'])
    assert.match(told(text)[0] ?? '', /^s\.yaml:1: \(file\): the file says nothing; expected/);
});

test('aliases of aliases do not fill the memory', () => {
  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...'bcdefgh'
      .split('')
      .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[i]}`).join(',')}]`),
  ];
  assert.match(told(bomb.join('\n'))[0] ?? '', /aliases are used within aliases too often/);
});
