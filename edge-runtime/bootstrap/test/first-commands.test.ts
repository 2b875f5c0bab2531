import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '@gatehouse/harness';
import { seededRandom } from '@gatehouse/kit';
import { type Ended, FakeCheckout, killTree, pinned, type Running } from './fake-checkout.ts';

/**
 * The first commands of a fresh checkout, by the real bootstrap and a real npm, on a registry of small
 * packages.
 */
async function checkout(t: TestContext): Promise<FakeCheckout> {
  const made = new FakeCheckout();
  t.after(() => made.stop());
  await made.start();
  return made;
}

const isWaiting = ({ soFar }: Running) => /another command is installing.*waiting for it/.test(soFar());

/** It ran, on the Node that was installed, with everything there. */
function assertRan({ status, stdout, said }: Ended, { root, registry }: FakeCheckout): void {
  assert.equal(status, 0, said.join('\n'));
  assert.deepEqual(JSON.parse(stdout), { ran: [], telemetry: '1', node: 'yes' });
  for (const { name } of registry.packages)
    assert.ok(existsSync(join(root, 'node_modules', name, 'package.json')), name);
}

describe('first commands at once', () => {
  it('one installs, the others wait and say so, and all of them run', async (t) => {
    const fresh = await checkout(t);
    const held = fresh.registry.holdAfter(3);
    const first = fresh.run('cli');
    await held;
    const others = [fresh.run('check'), fresh.run('test'), fresh.run('cli')];
    await until('the others to wait', () => others.every(isWaiting));
    fresh.registry.letGo();
    const [installed, check, tests, cli] = await Promise.all([first, ...others].map(({ ended }) => ended));
    assert.ok(installed && check && tests && cli);
    assertRan(installed, fresh);
    assertRan(cli, fresh);
    assert.match(check.stdout, /biome ran\ntypescript ran/);
    assert.match(tests.stdout, /pass 1/);
    assert.deepEqual([check.status, tests.status], [0, 0]);
    assert.equal(fresh.registry.served, fresh.registry.packages.length, 'each package was fetched once');
    for (const { said } of [check, tests, cli])
      assert.equal(said.filter((line) => line.includes('installing the npm packages')).length, 0);
  });

  it('of one that is killed while its npm goes on, the next waits for that npm', async (t) => {
    const fresh = await checkout(t);
    const held = fresh.registry.holdAfter(2);
    const first = fresh.run('cli');
    await held;
    first.child.kill('SIGKILL');
    const next = fresh.run('cli');
    await until('the next to wait', () => isWaiting(next));
    fresh.registry.letGo();
    assertRan(await next.ended, fresh);
  });
});

/** As after a pull: the installed packages are those of another lock file. */
function pull({ root, write }: FakeCheckout): void {
  const text = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  write('package-lock.json', JSON.stringify({ ...text, edit: (text.edit ?? 0) + 1 }));
}

describe('a command that runs', () => {
  it('lets others run beside it', async (t) => {
    const fresh = await checkout(t);
    assertRan(await fresh.run('cli').ended, fresh);
    const busy = fresh.busy();
    assertRan(await fresh.run('cli').ended, fresh);
    busy.letGo();
    assertRan(await busy.running.ended, fresh);
  });

  for (const killed of [false, true])
    it(`keeps its packages until it ends${killed ? ', though its bootstrap was killed' : ''}`, async (t) => {
      const fresh = await checkout(t);
      assertRan(await fresh.run('cli').ended, fresh);
      const busy = fresh.busy();
      await busy.started;
      pull(fresh);
      if (killed) busy.running.child.kill('SIGKILL');
      const next = fresh.run('cli');
      await until('the next to wait', () =>
        /another command uses or installs them; waiting/.test(next.soFar()),
      );
      assert.ok(existsSync(join(fresh.root, 'node_modules', pinned, 'package.json')));
      busy.letGo();
      const { said } = await next.ended;
      assert.match(said.join('\n'), /installing the npm packages/);
      assertRan(await next.ended, fresh);
    });
});

describe('an install that is broken off', () => {
  const fresh = new FakeCheckout();
  before(() => fresh.start());
  after(() => fresh.stop());

  for (const count of [0, 1, 7, 14])
    it(`after ${count} packages is begun anew by the next command, which waits for nobody`, async () => {
      pull(fresh);
      const held = fresh.registry.holdAfter(count);
      const { child, ended } = fresh.run('cli');
      await held;
      killTree(child);
      await ended;
      fresh.registry.letGo();
      const next = fresh.run('cli');
      assertRan(await next.ended, fresh);
      assert.ok(!isWaiting(next));
    });

  it('at any moment is begun anew by the next command', async () => {
    const random = seededRandom(16);
    for (let i = 0; i < 5; i++) {
      pull(fresh);
      const { child, ended } = fresh.run('cli');
      await delay(random() * 3_000);
      killTree(child);
      await ended;
      assertRan(await fresh.run('cli').ended, fresh);
    }
  });
});

describe('what was installed and is no longer there', () => {
  const fresh = new FakeCheckout();
  before(async () => {
    await fresh.start();
    assertRan(await fresh.run('cli').ended, fresh);
  });
  after(() => fresh.stop());

  for (const gone of ['filler-3', pinned, '@biomejs/biome', ''])
    it(`${gone || 'everything'} is installed again`, async () => {
      rmSync(join(fresh.root, 'node_modules', gone), { recursive: true });
      const again = await fresh.run('cli').ended;
      assertRan(again, fresh);
      assert.match(again.said.join('\n'), /installing the npm packages/);
      assert.deepEqual((await fresh.run('cli').ended).said, []);
    });
});
