import assert from 'node:assert/strict';
import { test } from 'node:test';
import { terms } from '@gatehouse/contracts';
import { paletteFiles, readTexts, withWords } from '../palette-words.ts';

test('the palette calls every kind, change, signal, action and state as the console does', () => {
  for (const file of paletteFiles)
    assert.deepEqual(readTexts(file), withWords(file, readTexts(file)), `run: node flows/palette-words.ts`);
});

test('a word that differs, or one that is missing, would be noticed', () => {
  const [file] = paletteFiles;
  assert.ok(file && file.node === 'incident-in' && file.language === 'zh-CN');
  const texts = readTexts(file);
  const { kinds, ...rest } = texts['incident-in'] ?? {};
  const other = { ...(kinds as object), 'door-held-open': '门长开' };
  for (const planted of [{ ...rest, kinds: other }, { ...rest, kinds: {} }, rest]) {
    const mended = withWords(file, { 'incident-in': planted });
    assert.notDeepEqual(mended, { 'incident-in': planted });
    assert.deepEqual(mended['incident-in']?.kinds, terms['zh-CN'].kind);
  }
});

test('what only the palette has keeps its own words, the same keys in both languages', () => {
  const [chinese, english] = (['zh-CN', 'en'] as const).map((language) =>
    paletteFiles.filter((file) => file.language === language).map(readTexts),
  );
  const keys = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, keys(inner)]))
      : '';
  assert.deepEqual(keys(chinese), keys(english));
  const changes = chinese?.[0]?.['incident-in']?.changes;
  assert.equal(typeof changes === 'object' ? changes.voice : '', '语音提示（事件之前）');
});
