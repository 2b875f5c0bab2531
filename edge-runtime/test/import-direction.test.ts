import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix } from 'node:path';
import { test } from 'node:test';
import { importsOf, wrongImports } from './import-direction.ts';
import { isTest, root, sourceFiles } from './source-tree.ts';

const files = sourceFiles();
const product = files.filter(({ path }) => !isTest(path) || path.startsWith('edge-runtime/lab/harness/'));

test('imports follow kit <- contracts <- everything else, and simulators, floors and harness stand alone', () => {
  assert.deepEqual(wrongImports(product), []);
});

test('the check sees a wrong import in every form it can be written in', () => {
  const wrong = (path: string, text: string) => wrongImports([{ path, text }]).length;
  assert.equal(wrong('edge-runtime/rules/a.ts', "import { EventStore } from '@gatehouse/store';"), 1);
  assert.equal(wrong('drivers/bus/a.ts', "export * from '../../sync-agent/uplink/b.ts';"), 1);
  assert.equal(wrong('drivers/simulators/a.ts', "const kit = await import('@gatehouse/kit');"), 1);
  assert.equal(wrong('edge-runtime/kit/a.ts', "import {\n  Box,\n} from '@gatehouse/contracts';"), 1);
  assert.equal(wrong('edge-runtime/vision/track/a.ts', "import { iouOf } from '../detect/nms.ts';"), 1);
  assert.equal(
    wrong('edge-runtime/vision/track/a.ts', "import type { Detection } from '../vision/detect/detector.ts';"),
    0,
  );
  assert.equal(wrong('edge-runtime/cli/a.ts', "import { demo } from '../lab/demo/main.ts';"), 1);
  assert.equal(wrong('edge-runtime/runtime/a.ts', "import { judge } from '../lab/e2e/oracle.ts';"), 1);
  assert.equal(wrong('sync-agent/uplink/a.ts', "import { until } from '@gatehouse/harness';"), 1);
  assert.equal(wrong('edge-runtime/lab/harness/a.ts', "import { sleep } from '@gatehouse/kit';"), 1);
  assert.equal(wrong('edge-runtime/lab/bench/a.ts', "import { until } from '@gatehouse/harness';"), 0);
  assert.equal(wrong('drivers/main.ts', "import { jsonLog } from '@gatehouse/kit';"), 0);
});

test('every package that a file imports is declared by its own workspace or, for tests and tools, by the root', () => {
  const undeclared = files.flatMap(({ path, text }) =>
    importsOf(text)
      .map(({ target }) => packageName(target))
      .filter((name): name is string => name !== undefined && !declaredFor(path).has(name))
      .map((name) => `${path} imports ${name}`),
  );
  assert.deepEqual(undeclared, []);
});

function packageName(target: string): string | undefined {
  if (/^(\.|node:|@gatehouse\/)/.test(target) || builtinModules.includes(target)) return undefined;
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/');
}

function declaredFor(path: string): Set<string> {
  const names = new Set<string>(declaredIn('package.json'));
  for (let folder = posix.dirname(path); folder !== '.'; folder = posix.dirname(folder))
    for (const name of declaredIn(`${folder}/package.json`)) names.add(name);
  return names;
}

function declaredIn(manifest: string): string[] {
  try {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, manifest), 'utf8'));
    return [...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
