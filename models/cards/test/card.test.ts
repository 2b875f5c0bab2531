import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { bundledModel } from '../../index.ts';

const folder = join(import.meta.dirname, '..');
const root = join(folder, '..', '..');
const text = readFileSync(join(folder, 'gatehouse-compact.md'), 'utf8');

/** A section of the card from its heading to the next. */
const sections = text.split(/^## /m).slice(1);

test('the card is of the file that is bundled', () => {
  const entry = bundledModel();
  assert.ok(entry);
  assert.ok(text.includes(entry.sha256), 'another SHA-256');
  assert.ok(text.includes(`${entry.threshold}`), 'another threshold');
});

test('every table has a command above it that names a program that is there', () => {
  const tables = sections.filter((section) => /^\|/m.test(section));
  assert.ok(tables.length >= 3);
  for (const section of tables) {
    const heading = section.split('\n', 1)[0];
    const command = /```\n([^`]+)```[\s\S]*?^\|/m.exec(section)?.[1];
    assert.ok(command, `${heading}: no command before the table`);
    const programs = [...command.matchAll(/\b[\w./-]+\.ts\b|npm run (\w+)/g)];
    assert.ok(programs.length > 0, heading);
    for (const [path, script] of programs)
      assert.ok(
        script
          ? readFileSync(join(root, 'package.json'), 'utf8').includes(`"${script}":`)
          : existsSync(join(root, path)),
        path,
      );
  }
});

test('every row of a table has as many cells as its head, and shares lie between 0 and 1', () => {
  const shares = ['precision', 'recall', 'F1', 'AP50'];
  for (const table of text.matchAll(/(?:^\|.*\n)+/gm)) {
    const [head = [], , ...rows] = table[0]
      .trim()
      .split('\n')
      .map((line) => line.split('|').slice(1, -1));
    for (const row of rows) {
      assert.equal(row.length, head.length, row.join('|'));
      for (const [column, cell] of row.entries())
        if (shares.some((share) => head[column]?.trim().endsWith(share)))
          assert.match(cell.replaceAll('*', '').trim(), /^(0\.\d\d|1\.00)$/, row.join('|'));
    }
  }
});

test('the pictures that the card shows are there', () => {
  for (const [, file = ''] of text.matchAll(/!\[[^\]]*\]\(([^)]+)\)/g))
    assert.ok(existsSync(join(folder, file)), file);
});
