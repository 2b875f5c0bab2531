import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthLines } from '../errors/health-line.ts';
import { errorParts, errorTable } from '../errors/table.ts';
import { isTest, sourceFiles } from './source-tree.ts';

const sources = sourceFiles().filter(
  ({ path }) => !path.includes('/test/') && !path.startsWith('edge-runtime/errors/'),
);
const product = sources.filter(({ path }) => !isTest(path));
const code = sources.map(({ text }) => text).join('\n');

test('errors are made by errorOf of the table; what another process has told, by toldError', () => {
  const making = product.filter(({ text }) => /new GatehouseError\(/.test(text));
  assert.deepEqual(
    making.map(({ path }) => path),
    [],
  );
});

test('a class of errors with more fields takes its words from the table, too', () => {
  const classes = product.filter(({ text }) => /extends GatehouseError\b/.test(text));
  assert.ok(classes.length >= 4, `${classes.length} were found`);
  const ownWords = classes.filter(({ text }) => !/\bpartsOf\(|error: GatehouseError,/.test(text));
  assert.deepEqual(
    ownWords.map(({ path }) => path),
    [],
  );
});

/** `${database}_FULL`: put together by kit/durable-sqlite.ts and kit/migrate.ts. */
const putTogether = new Set(Object.keys(errorParts.databases));

test('every row of the table is used somewhere', () => {
  assert.deepEqual(
    Object.keys(errorTable).filter((key) => !putTogether.has(key) && !code.includes(`'${key}'`)),
    [],
  );
});

test('every mistake of a database is told by some check', () => {
  const mistakes = [...putTogether].map((key) => key.replace(/^[A-Z]+_/, ''));
  assert.deepEqual(
    mistakes.filter((mistake) => !code.includes(`'${mistake}'`) && !code.includes(`}_${mistake}\``)),
    [],
  );
});

/** Of the YAML parser. */
const ofLibraries = new Set(['DUPLICATE_KEY', 'TAB_AS_INDENT']);

test('every code that is compared by hand is in the table or a line of health', () => {
  const keys = [...Object.keys(errorTable), ...Object.keys(healthLines)];
  const known = new Set(keys.map((key) => key.split('/')[0]));
  const asked = [...code.matchAll(/\bcode (?:===|!==) '([A-Z]+(?:_[A-Z]+)+)'/g)].map(
    ([, found = '']) => found,
  );
  assert.ok(asked.length > 20, `${asked.length} were found`);
  assert.deepEqual(
    asked.filter((one) => !known.has(one) && !ofLibraries.has(one) && !/^(SQLITE|ERR)_/.test(one)),
    [],
  );
});
