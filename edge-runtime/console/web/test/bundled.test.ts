import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { consolePages } from '@gatehouse/contracts/console';
import { importsOf } from '../../../test/import-direction.ts';
import { pageSources } from '../build.ts';

const contracts = join(import.meta.dirname, '../../../contracts');
const errors = join(import.meta.dirname, '../../../errors');
const web = join(import.meta.dirname, '..');
const sources = pageSources();
const pages = sources.filter((path) => path.startsWith(join(web, 'src')) && /\.tsx?$/.test(path));

/** Modules that a file loads when it runs; types are gone by then. */
function loaded(path: string): string[] {
  if (!/\.tsx?$/.test(path)) return [];
  const imports = importsOf(readFileSync(path, 'utf8'));
  return imports.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target);
}

const foreign = new Set(pages.flatMap(loaded).filter((target) => target.startsWith('@gatehouse/')));

/** The file behind an import of one of the two packages. */
function entryOf(name: string): string {
  const folder = name.startsWith('@gatehouse/errors') ? errors : contracts;
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, exports[name.replace(/^@gatehouse\/\w+/, '.')]);
}

/** All that the pages load by way of these packages: files, and other packages by their names. */
function loadedByPages(): string[] {
  const found = new Set<string>();
  const walk = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const target of loaded(path))
      if (target.startsWith('.')) walk(join(dirname(path), target));
      else found.add(target);
  };
  for (const name of foreign) walk(entryOf(name));
  return [...found];
}

describe('what the pages bundle', () => {
  it('is of the box only the tables that they share with the server, and the words for codes and errors', () => {
    assert.deepEqual([...foreign].toSorted(), [
      '@gatehouse/contracts/console',
      '@gatehouse/contracts/terms',
      '@gatehouse/errors',
    ]);
  });

  it('holds no schema library', () => {
    const all = loadedByPages();
    assert.ok(all.includes(join(contracts, 'console/table.ts')), 'the search finds them');
    assert.deepEqual(
      all.filter(
        (path) =>
          !(path.startsWith(contracts) || path.startsWith(errors)) || /\/request(s|-checks)\.ts$/.test(path),
      ),
      [],
    );
  });

  it('is built again when any of it has changed', () => {
    assert.deepEqual(
      loadedByPages().filter((path) => !sources.includes(path)),
      [],
    );
  });

  it('names every route and every page by the tables', () => {
    const paths = ['/api', ...Object.values(consolePages).map(({ path }) => path)].filter(
      (path) => path !== '/',
    );
    const byHand = new RegExp(`['"\`](${paths.join('|')})\\b`);
    const written = pages.filter((path) => byHand.test(readFileSync(path, 'utf8')));
    assert.deepEqual(written, []);
  });
});
