import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headlessComments, wideComments } from './comments.ts';
import { sourceFiles } from './source-tree.ts';

const files = sourceFiles();

test('no line with a comment has more than 110 columns', () => {
  assert.deepEqual(files.flatMap(wideComments), []);
});

test('no comment begins with a clause for its subject: "What …", "Who …"', () => {
  assert.deepEqual(files.flatMap(headlessComments), []);
});

test('a wide line and a headless beginning would be noticed, and a question and a long address are none', () => {
  const long = 'a'.repeat(120);
  const wide = (text: string) => wideComments({ path: 'a.ts', text }).length;
  assert.deepEqual([`// ${long}`, ` * ${long}`, `f(); // ${long}`].map(wide), [1, 1, 1]);
  assert.deepEqual([`f('${long}');`, `// https://a.example/${long}`, '/** Short. */'].map(wide), [0, 0, 0]);
  const headless = (text: string) => headlessComments({ path: 'a.ts', text }).length;
  const begun = `${'Wh'}at is left`;
  assert.deepEqual([`/** ${begun}. */`, `/**\n * ${begun}.\n */`, `// ${begun}`].map(headless), [1, 1, 1]);
  assert.deepEqual([`// ${begun}?`, `// The rest:\n// ${begun}.`, '// Whatsoever'].map(headless), [0, 0, 0]);
});
