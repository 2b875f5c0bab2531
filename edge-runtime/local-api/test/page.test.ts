import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localTables } from '@gatehouse/contracts';
import { localPage, pagePath } from '../page.ts';

test('the page of all local APIs is what the tables say; else run node edge-runtime/local-api/write-page.ts', () => {
  const written = readFileSync(join(import.meta.dirname, '../../..', pagePath), 'utf8');
  assert.equal(written, localPage());
});

test('every route of every caller stands on the page, and no schema is without a name', () => {
  const page = localPage();
  for (const { routes } of localTables)
    for (const { is } of Object.values(routes)) assert.ok(page.includes(`| \`${is}\` |`), is);
  assert.doesNotMatch(page, /\b(union|pipe|transform|unknown)\b/);
});
