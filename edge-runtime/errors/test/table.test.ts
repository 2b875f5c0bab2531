import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type ErrorKey, errorOf, inWords, lineInWords, partsOf, statusByFault } from '@gatehouse/errors';
import { describeError } from '@gatehouse/kit';
import fc from 'fast-check';
import { faultWords, plainWords } from '../fault-words.ts';
import { errorPage } from '../page.ts';
import { phrases } from '../phrases.ts';
import { codeOf, filled, type Row, slotsOf } from '../row.ts';
import { errorParts, errorTable } from '../table.ts';

const table: readonly (readonly [string, Row])[] = Object.entries<Row>(errorTable);
const set = (text: string) => [...new Set(slotsOf(text))].toSorted();
/** Names of values are English in both languages. */
const chinese = (text: string) => /[\u4e00-\u9fff]/.test(text);

test('no row stands in two parts of the table', () => {
  const keys = Object.values(errorParts).flatMap((part) => Object.keys(part));
  assert.deepEqual(
    keys.filter((key, at) => keys.indexOf(key) !== at),
    [],
  );
  assert.equal(keys.length, table.length);
});

test('every code has words in Chinese and English that name the same values', () => {
  assert.ok(table.length > 350, `${table.length} rows`);
  for (const [key, { zh, en }] of table) {
    assert.deepEqual(set(zh.join(' ')), set(en.join(' ')), key);
    for (const at of [0, 1] as const) {
      const hasWords = /[A-Za-z]/.test(en[at].replaceAll(/\{\w+\}|--\w+/g, ''));
      assert.equal(chinese(zh[at]), hasWords, `${key}: "${zh[at]}" for "${en[at]}"`);
      assert.ok(!chinese(en[at]), key);
    }
  }
});

test('phrases name the same values in both languages, and no phrase stands twice', () => {
  for (const [zh, en] of phrases) {
    assert.deepEqual(set(zh), set(en), en);
    assert.ok(chinese(zh) && !chinese(en), en);
  }
  assert.equal(new Set(phrases.map(([, en]) => en)).size, phrases.length);
});

test('keys are codes, or codes with a case', () => {
  for (const [key] of table) assert.match(key, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*(\/[a-z]+(-[a-z]+)*)?$/);
});

test('a status that follows from whose fault an error is is not written down', () => {
  for (const [key, { fault, status }] of table) assert.notEqual(status, statusByFault[fault], key);
});

test('rows of one code that are the same one’s fault have one status', () => {
  for (const rows of Map.groupBy(table, ([key, { fault }]) => `${codeOf(key)} ${fault}`).values())
    assert.equal(new Set(rows.map(([, { status }]) => status)).size, 1, rows.map(([key]) => key).join(', '));
});

/** Texts that stand for a value: names, paths, addresses, numbers. */
const value = fc.stringMatching(/^[a-z0-9][a-z0-9/_-]{0,20}[a-z0-9]$/);

test('an error of any row is told in Chinese with its own values, from its English text alone', () => {
  for (const [key, { zh, en }] of table) {
    const names = set(en.join(' '));
    fc.assert(
      fc.property(fc.uniqueArray(value, { minLength: names.length, maxLength: names.length }), (found) => {
        const values = Object.fromEntries(names.map((name, at) => [name, found[at]]));
        const { message, remedy } = partsOf(key as ErrorKey, values);
        const told = inWords({ code: codeOf(key), message, remedy }, 'zh-CN');
        const others = table.filter(
          ([other, row]) =>
            codeOf(other) === codeOf(key) && filled(row.en.join(), values) === `${message},${remedy}`,
        );
        const ways = [zh, ...others.map(([, row]) => row.zh)].map((words) =>
          words.map((text) => filled(text, values)),
        );
        assert.ok(
          ways.some(([first, second]) => first === told[0] && second === told[1]),
          `${key}: ${told.join(' ')} for ${message} ${remedy}`,
        );
      }),
      { numRuns: 20, seed: 7 },
    );
  }
});

test('English stays as it is, and what no row fits stays in every language', () => {
  const error = errorOf('SITE_FILE_MISSING', { file: 'site.yaml', reason: 'ENOENT' });
  assert.deepEqual(inWords(error, 'en'), [error.message, error.remedy]);
  const odd = { code: 'NEVER_HEARD', message: 'odd.', remedy: 'None.' };
  assert.deepEqual(inWords(odd, 'zh-CN'), ['odd.', 'None.']);
});

test('what an error takes from another error or a list is told in Chinese, too', () => {
  const error = errorOf('DEVICE_UNKNOWN', { name: 'gat', known: 'There are: gate, door.' });
  assert.deepEqual(inWords(error, 'zh-CN'), ['没有名为“gat”的设备。', '现有：gate、door。']);
  const inner = describeError(errorOf('FFMPEG_MISSING', { reason: 'ENOENT' }));
  const outer = errorOf('REDACTION_FAILED', { reason: inner });
  assert.equal(
    inWords(outer, 'zh-CN')[0],
    '一张图片无法打码（FFMPEG_MISSING：无法启动 ffmpeg（ENOENT）。请安装：apt-get install ffmpeg。）。',
  );
  assert.equal(
    lineInWords(inner, 'zh-CN'),
    'FFMPEG_MISSING：无法启动 ffmpeg（ENOENT）。请安装：apt-get install ffmpeg。',
  );
});

test('errors.md is the page of this table; write it anew with: node edge-runtime/errors/write-page.ts', () => {
  assert.equal(readFileSync(new URL('../errors.md', import.meta.url), 'utf8'), errorPage());
});

test('short words for guards stand in both languages, for errors of the table only', () => {
  const codes = new Set(table.map(([key]) => codeOf(key)));
  for (const [code, { zh, en }] of [...Object.entries(plainWords), ...Object.entries(faultWords)]) {
    assert.ok(chinese(zh) && !chinese(en), code);
    assert.match(code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
  }
  assert.deepEqual(
    Object.keys(plainWords).filter((code) => !codes.has(code)),
    [],
  );
});
