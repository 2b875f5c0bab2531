import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Examples, exampleFiles } from '../site-file/reference/examples.ts';
import { pageNames, referencePage } from '../site-file/reference/page.ts';
import { sectionsOf } from '../site-file/reference/sections.ts';
import { meaningOf, wordsByPath, wordsPath } from '../site-file/reference/words.ts';
import { siteSchema } from '../site-file/shape.ts';

const sections = sectionsOf(siteSchema());
const keys = sections.flatMap((section) => section.keys);

test('every key of the site file has its meaning in Chinese and in English', () => {
  assert.ok(keys.length > 190, `${keys.length} keys`);
  const without = keys.filter((key) => !(meaningOf(key, 'zh-CN') && meaningOf(key, 'en')));
  assert.deepEqual(
    without.map(({ path }) => path),
    [],
  );
  for (const key of keys) assert.match(meaningOf(key, 'zh-CN') ?? '', /[\u4e00-\u9fff]/, key.path);
});

test('no meaning is left over, and none repeats the English of the schema', () => {
  const used = new Set(keys.map(wordsPath));
  assert.deepEqual(
    [...wordsByPath.keys()].filter((path) => !used.has(path)),
    [],
  );
  const repeated = keys.filter(
    (key) => wordsByPath.get(wordsPath(key) ?? '')?.en === (key.schema.description ?? ''),
  );
  assert.deepEqual(
    repeated.map(({ path }) => path),
    [],
  );
});

test('every key that is no section stands in an example file', () => {
  const examples = new Examples(exampleFiles().values());
  const without = keys.filter((key) => key.leadsTo.length === 0 && examples.of(key) === undefined);
  assert.deepEqual(
    without.map(({ path }) => path),
    [],
  );
});

for (const language of ['zh-CN', 'en'] as const)
  test(`the reference page (${language}) is the one that the schema makes`, () => {
    const file = join(import.meta.dirname, '../site-file', pageNames[language]);
    assert.equal(
      readFileSync(file, 'utf8'),
      referencePage(sections, language),
      'Run node_modules/.bin/node edge-runtime/contracts/site-file/reference/generate.ts.',
    );
  });
