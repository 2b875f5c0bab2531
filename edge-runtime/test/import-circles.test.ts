import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { importCircles } from './import-circles.ts';
import { manifests, root, sourceFiles } from './source-tree.ts';

test('no files import one another in a circle', () => {
  assert.deepEqual(importCircles(sourceFiles(), packageEntries()), []);
});

test('a circle would be found, through a package and through types as well', () => {
  const files = [
    { path: 'a/one.ts', text: "import { two } from './two.ts';" },
    { path: 'a/two.ts', text: "import type { Three } from '@gatehouse/b';" },
    { path: 'b/index.ts', text: "export * from '../a/one.ts';" },
    { path: 'b/end.ts', text: "import { two } from '../a/two.ts';" },
  ];
  const entries = new Map([['@gatehouse/b', 'b/index.ts']]);
  assert.deepEqual(importCircles(files, entries), [['a/one.ts', 'a/two.ts', 'b/index.ts']]);
});

test('packages lead to the files that they export', () => {
  assert.equal(packageEntries().get('@gatehouse/kit'), 'edge-runtime/kit/index.ts');
});

/** Files by the names under which packages of the tree export them. */
function packageEntries(): ReadonlyMap<string, string> {
  return new Map(
    manifests().flatMap((path) => {
      const { name, exports = {} } = JSON.parse(readFileSync(join(root, path), 'utf8'));
      const entries = Object.entries(exports as Record<string, string>);
      return entries.map(([entry, file]): [string, string] => [
        `${name}${entry.slice(1)}`,
        posix.join(posix.dirname(path), file),
      ]);
    }),
  );
}
