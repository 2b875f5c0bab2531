import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { consolePages } from '@gatehouse/contracts/console';
import { importsOf } from '../../../test/import-direction.ts';
import { pageSources } from '../build.ts';

const contracts = join(import.meta.dirname, '../../../contracts');
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

/** All that the pages load by way of the contracts: files, and packages by their names. */
function loadedByContracts(): string[] {
  const { exports } = JSON.parse(readFileSync(join(contracts, 'package.json'), 'utf8'));
  const found = new Set<string>();
  const walk = (path: string) => {
    if (found.has(path)) return;
    found.add(path);
    for (const target of loaded(path))
      if (target.startsWith('.')) walk(join(dirname(path), target));
      else found.add(target);
  };
  for (const name of foreign) walk(join(contracts, exports[name.replace('@gatehouse/contracts', '.')]));
  return [...found];
}

describe('what the pages bundle', () => {
  it('is of the box only the tables that they share with the server, and the words for codes', () => {
    assert.deepEqual([...foreign].toSorted(), ['@gatehouse/contracts/console', '@gatehouse/contracts/terms']);
  });

  it('holds no schema library', () => {
    const all = loadedByContracts();
    assert.ok(all.includes(join(contracts, 'console/table.ts')), 'the search finds them');
    assert.deepEqual(
      all.filter((path) => !path.startsWith(contracts) || path.endsWith('/requests.ts')),
      [],
    );
  });

  it('is built again when any of it has changed', () => {
    assert.deepEqual(
      loadedByContracts().filter((path) => !sources.includes(path)),
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
