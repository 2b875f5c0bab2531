import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTest, sourceFiles } from './source-tree.ts';
import { givenUp, literalWords, secondTranslations, textFiles, wordsGivenUp } from './translations.ts';

const files = textFiles();

test('no locale file or page translates a code that the contracts have a word for', () => {
  assert.ok(files.length > 15, `${files.length} files were found`);
  assert.deepEqual(files.flatMap(secondTranslations), []);
});

test('no code writes such a word out', () => {
  const product = sourceFiles().filter(({ path }) => !isTest(path));
  assert.deepEqual(product.flatMap(literalWords), []);
});

test('no text uses a word that the glossary gives up', () => {
  assert.ok(givenUp().size > 30, `${givenUp().size} words were found`);
  assert.deepEqual(
    files.flatMap((file) => wordsGivenUp(file)),
    [],
  );
});

test('a second translation would be noticed, wherever it stands', () => {
  const path = 'sync-agent/receiver/page/locales/zh-CN.json';
  const planted = [
    { kinds: { 'door-held-open': '门长开' } },
    { roles: { guard: '门卫' } },
    { state: { acknowledged: '已确认' } },
    { deep: { deeper: { 'false-alarm': '误报' } } },
    { priority: { 1: '紧急' } },
    { device: { 'hold-open': '保持打开' } },
    { sight: { stale: '分析中断' } },
    { lane: { telemetry: '遥测' } },
  ];
  for (const texts of planted)
    assert.equal(secondTranslations({ path, text: JSON.stringify(texts) }).length, 1, JSON.stringify(texts));
  const reads = {
    dryrun: { confirmed: '$t(handling.confirmed)' },
    check: { open: '开：继电器' },
    other: '其他的',
  };
  assert.deepEqual(secondTranslations({ path, text: JSON.stringify(reads) }), []);
  const help = '<dd>例如 <code>door-forced</code>（门被撬）、<code>illegal-parking</code>（违停）</dd>';
  assert.equal(secondTranslations({ path: 'flows/nodes/locales/zh-CN/a.html', text: help }).length, 1);
  for (const text of ["title: '违停'", '<b>消防通道占用</b>', 'say("Door open too long")'])
    assert.equal(literalWords({ path: 'a.tsx', text }).length, 1, text);
  assert.equal(wordsGivenUp({ path, text: '{"a":"请检查摄像头"}' }).length, 1);
});
