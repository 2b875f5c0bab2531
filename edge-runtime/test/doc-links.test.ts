import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { brokenLinks, namedPaths } from './doc-links.ts';
import { root, trackedFiles } from './source-tree.ts';

const pages = trackedFiles().filter((path) => path.endsWith('.md'));

test('every link of a page leads to a file, and to a heading that it has', () => {
  assert.ok(pages.length > 15);
  assert.deepEqual(
    pages.flatMap((page) => brokenLinks(page)),
    [],
  );
});

test('every path that a page of the root names is there', () => {
  const ofRoot = pages.filter((path) => dirname(path) === '.' && path !== 'CHANGELOG.md');
  const missing = ofRoot.flatMap((page) =>
    namedPaths(readFileSync(join(root, page), 'utf8'))
      .filter((path) => !existsSync(join(root, path)))
      .map((path) => `${page}: ${path}`),
  );
  assert.deepEqual(missing, []);
});

test("every page but a test's own is in the index of both READMEs", () => {
  const listed = ['README.md', 'README.zh-CN.md'];
  for (const readme of listed) {
    const text = readFileSync(join(root, readme), 'utf8');
    const absent = pages.filter(
      (path) => !listed.includes(path) && !path.includes('/test/') && !text.includes(`](${path}`),
    );
    assert.deepEqual(absent, readme === 'README.md' ? [] : ['edge-runtime/contracts/site-file/REFERENCE.md']);
  }
});

test('a broken link, a heading that is not there and a wrong path would be noticed', () => {
  const text = '[a](no-such.md) [b](README.md#no-such-heading) [c](#two-commands) `drivers/no-such.ts`';
  assert.deepEqual(brokenLinks('README.md', text), [
    'README.md: no-such.md',
    'README.md: README.md#no-such-heading',
  ]);
  assert.deepEqual(namedPaths(text), ['drivers/no-such.ts']);
});
