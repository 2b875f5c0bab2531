import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..', '..');
const install = join(root, 'edge-runtime', 'bootstrap', 'node-modules.mjs');

/** npm leaves out optional packages whose `engines` exclude the Node that it believes it runs on. */
test('npm is told the pinned Node, on a host with another one too', () => {
  const script = `
    const { asPinnedNode } = await import(${JSON.stringify(install)});
    const { spawnSync } = await import('node:child_process');
    const env = asPinnedNode(${JSON.stringify(root)});
    process.stdout.write(env.GATEHOUSE_PINNED_NODE + ' ');
    const npm = { ...env, GATEHOUSE_PINNED_NODE: 'v99.1.2' };
    process.stdout.write(spawnSync(process.execPath, ['-p', 'process.version'], { env: npm, encoding: 'utf8' }).stdout);
  `;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    encoding: 'utf8',
  });
  assert.equal(stdout, `${process.version} v99.1.2\n`);
});
