import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headlessComments, wideComments } from './comments.ts';
import { sourceFiles } from './source-tree.ts';

/** Folders and files whose comments are still to be rewritten. Only take away: an entry without a finding must go. */
const later = [
  'edge-runtime/bootstrap',
  'edge-runtime/cli',
  'edge-runtime/console',
  'edge-runtime/lab',
  'edge-runtime/runtime',
  'edge-runtime/store',
  'edge-runtime/test',
  'edge-runtime/vision/api',
  'flows',
  'sync-agent/receiver/page',
  'sync-agent/schemas',
];
const entryOf = (path: string) => later.find((one) => path === one || path.startsWith(`${one}/`));

const files = sourceFiles();
const done = files.filter(({ path }) => entryOf(path) === undefined);

test('no line with a comment has more than 110 columns', () => {
  assert.deepEqual(done.flatMap(wideComments), []);
});

test('no comment begins with a clause for its subject: "What …", "Who …"', () => {
  assert.deepEqual(done.flatMap(headlessComments), []);
});

test('every entry that is left out has something left to rewrite', () => {
  const open = new Set(
    files
      .filter((file) => wideComments(file).length + headlessComments(file).length > 0)
      .map(({ path }) => entryOf(path)),
  );
  assert.deepEqual(
    later.filter((one) => !open.has(one)),
    [],
  );
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
