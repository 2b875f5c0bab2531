import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headlessComments, wideComments } from './comments.ts';
import { sourceFiles } from './source-tree.ts';

/** Folders whose comments are still to be rewritten. Only take away from this list: a folder without a finding must go. */
const later = [
  'drivers/api',
  'edge-runtime/bootstrap',
  'edge-runtime/cli',
  'edge-runtime/console',
  'edge-runtime/contracts',
  'edge-runtime/incidents',
  'edge-runtime/kit',
  'edge-runtime/lab',
  'edge-runtime/rules',
  'edge-runtime/runtime',
  'edge-runtime/store',
  'edge-runtime/test',
  'edge-runtime/vision/api',
  'flows',
  'sync-agent/receiver/page',
  'sync-agent/schemas',
];
const folderOf = (path: string) => later.find((folder) => path.startsWith(`${folder}/`));

const files = sourceFiles();
const done = files.filter(({ path }) => folderOf(path) === undefined);

test('no line with a comment has more than 110 columns', () => {
  assert.deepEqual(done.flatMap(wideComments), []);
});

test('no comment begins with a clause for its subject: "What …", "Who …"', () => {
  assert.deepEqual(done.flatMap(headlessComments), []);
});

test('every folder that is left out has something left to rewrite', () => {
  const open = new Set(
    files
      .filter((file) => wideComments(file).length + headlessComments(file).length > 0)
      .map(({ path }) => folderOf(path)),
  );
  assert.deepEqual(
    later.filter((folder) => !open.has(folder)),
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
