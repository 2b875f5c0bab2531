import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { importsOf } from '../../../test/import-direction.ts';
import { pageSources } from '../build.ts';

const shared = join(import.meta.dirname, '../../../contracts/console');
const web = join(import.meta.dirname, '..');
const sources = pageSources();
const pages = sources.filter((path) => path.startsWith(join(web, 'src')) && /\.tsx?$/.test(path));

/** Modules that a file loads when it runs; types are gone by then. */
function loaded(path: string): string[] {
  const imports = importsOf(readFileSync(path, 'utf8'));
  return imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target);
}

/** The shared tables, and all that they load. */
function loadedWith(path: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const target of loaded(path))
    if (target.startsWith('.')) loadedWith(join(dirname(path), target), found);
    else found.add(target);
  return found;
}

describe('what the pages bundle', () => {
  it('is of the box only the tables that they share with the server', () => {
    const foreign = pages.flatMap((path) =>
      loaded(path).filter((target) => target.startsWith('@gatehouse/')),
    );
    assert.deepEqual([...new Set(foreign)], ['@gatehouse/contracts/console']);
  });

  it('holds no schema library: the tables load nothing but each other', () => {
    const all = [...loadedWith(join(shared, 'index.ts'))];
    assert.ok(all.includes(join(shared, 'table.ts')), 'the search finds them');
    assert.deepEqual(
      all.filter((path) => dirname(path) !== shared || path.endsWith('/requests.ts')),
      [],
    );
  });

  it('is built again when a table has changed', () => {
    const tables = [...loadedWith(join(shared, 'index.ts'))];
    assert.deepEqual(
      tables.filter((path) => !sources.includes(path)),
      [],
    );
  });

  it('names every route by the table', () => {
    const written = pages.filter((path) => /['"`]\/api\b|\/api\//.test(readFileSync(path, 'utf8')));
    assert.deepEqual(written, []);
  });
});
