import assert from 'node:assert/strict';
import { test } from 'node:test';
import { healthLines } from '../errors/health-line.ts';
import { isTest, type SourceFile, sourceFiles } from './source-tree.ts';

const product = sourceFiles().filter(({ path }) => !isTest(path));

/** The compiler refuses a sentence where the key of a line is due; these are the ways around it. */
const ways: readonly (readonly [way: RegExp, where: readonly string[]])[] = [
  [/\bendangers\b[^;{}]*\bcode\b[^;{}]*\bdetail:(?!\s*z\.)/, ['edge-runtime/contracts/local/health.ts']],
  [
    /\bas\b[^;,()]*\bHealthLine\b/,
    ['edge-runtime/errors/health-line.ts', 'edge-runtime/runtime/upstream/uplink-state.ts'],
  ],
  [/\bhealthLineOf\(/, ['edge-runtime/errors/health-line.ts', 'edge-runtime/contracts/local/health.ts']],
];

function ownSentences(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    ways
      .filter(([way, where]) => way.test(text) && !where.includes(path))
      .map(([way]) => `${path}: ${way.exec(text)?.[0]}`),
  );
}

test('faults and notes of health have their line from the table, in both languages', () => {
  for (const [way, where] of ways)
    for (const path of where)
      assert.ok(
        product.some((file) => file.path === path && way.test(file.text)),
        `${path} has ${way}`,
      );
  assert.deepEqual(ownSentences(product), []);
});

test('a sentence of its own would be noticed', () => {
  const found = (text: string) => ownSentences([{ path: 'drivers/a.ts', text }]).length;
  assert.equal(found("return [{ endangers: 'people', code: 'ODD', detail: 'odd.' }];"), 1);
  assert.equal(found('return { endangers, code, detail: `odd` };'), 1);
  assert.equal(found("serviceHealth([], ['odd' as HealthLine]);"), 1);
  assert.equal(found("healthLineOf('MORE_FAULTS', { count: 'odd' })"), 1);
  assert.equal(found("healthFault('people', 'MORE_FAULTS', { count: 1 })"), 0);
});

test('every line of health is used somewhere', () => {
  const code = product
    .filter(({ path }) => !path.startsWith('edge-runtime/errors/'))
    .map(({ text }) => text)
    .join('\n');
  assert.deepEqual(
    Object.keys(healthLines).filter((key) => !code.includes(`'${key}'`)),
    [],
  );
});
