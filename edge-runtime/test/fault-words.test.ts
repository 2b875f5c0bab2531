import assert from 'node:assert/strict';
import { test } from 'node:test';
import en from '../contracts/site-file/locales/en.json' with { type: 'json' };
import { isTest, sourceFiles } from './source-tree.ts';

const code = sourceFiles()
  .filter(({ path }) => !isTest(path))
  .map(({ text }) => text)
  .join('\n');
const texts = new Set(Object.keys(en.faults));

/** The compiler does not see into a schema's `params`. */
test('every fault that a refinement of a schema names has its words', () => {
  const named = [...code.matchAll(/params: \{\s*fault: '([a-z0-9-]+)'/g)].map(([, fault = '']) => fault);
  assert.ok(named.length > 12, `${named.length} were found`);
  assert.deepEqual(
    named.filter((fault) => !texts.has(fault)),
    [],
  );
});

test('every mistake that has words is one that some check tells', () => {
  const quoted = new Set([...code.matchAll(/'([a-z0-9-]+)'/g)].map(([, word]) => word));
  /** Put together: `no-${what}`. */
  const built = [...code.matchAll(/`([a-z]+-|)\$\{[^}`]+\}(-[a-z]+|)`/g)]
    .filter(([, start, end]) => start !== end)
    .map(([, start, end]) => new RegExp(`^${start}[a-z]+${end}$`));
  const isTold = (fault: string) => quoted.has(fault) || built.some((form) => form.test(fault));
  assert.deepEqual(
    [...texts].filter((fault) => !isTold(fault)),
    [],
  );
});
