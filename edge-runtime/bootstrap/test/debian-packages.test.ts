import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { until } from '@gatehouse/harness';
import { FakeCheckout, killTree } from './fake-checkout.ts';
import { ScratchDebian } from './scratch-debian.ts';

const asRoot = process.getuid?.() === 0 ? false : 'needs root: apt and dpkg install for root only';
/** An npm script that needs the Debian packages of purpose `start`, and the program that it runs. */
const verb = 'sim:doors';
const program = 'drivers/simulators/rehearse.ts';

/** A process that holds a lock as apt does (fcntl), until it is asked to let go. */
async function holder(file: string): Promise<ChildProcess> {
  const script = `import fcntl, sys
f = open(sys.argv[1], 'w')
fcntl.lockf(f, fcntl.LOCK_EX)
print('held', flush=True)
sys.stdin.read()`;
  const child = spawn('python3', ['-c', script, file], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

describe('Debian packages, by the real apt and dpkg on a root of their own', { skip: asRoot }, () => {
  const fresh = new FakeCheckout();
  let debian: ScratchDebian;
  const run = (how: Parameters<FakeCheckout['run']>[1] = {}) =>
    fresh.run(verb, { ...how, env: { ...debian.environment(), ...how?.env } });

  before(async () => {
    await fresh.start();
    assert.equal((await fresh.run('cli').ended).status, 0);
    fresh.write('edge-runtime/bootstrap/debian-packages.txt', '# both\nstart gh-one\nstart gh-two\n');
    fresh.write(program, "process.stdout.write('ran\\n');");
  });
  after(() => fresh.stop());
  beforeEach(() => {
    debian?.remove();
    // The second stays in its installation as long as the file `block` is there.
    const flag = join(fresh.dir, 'in-postinst');
    rmSync(flag, { force: true });
    const block = join(fresh.dir, 'block');
    rmSync(block, { force: true });
    debian = new ScratchDebian([
      { name: 'gh-one', files: { one: 'x'.repeat(2 ** 20) } },
      {
        name: 'gh-two',
        files: { two: '2' },
        postinst: `echo $PPID > ${flag}\nwhile [ -e ${block} ]; do sleep 0.05; done`,
      },
    ]);
  });
  after(() => debian?.remove());

  /** Starts a command and resolves once dpkg is in the midst of installing; gives dpkg's process id. */
  async function midst() {
    writeFileSync(join(fresh.dir, 'block'), '');
    const running = run();
    const flag = join(fresh.dir, 'in-postinst');
    await until('the installation', () => existsSync(flag) && readFileSync(flag, 'utf8').endsWith('\n'));
    return { running, dpkg: Number(readFileSync(flag, 'utf8')) };
  }
  const letGo = () => rmSync(join(fresh.dir, 'block'));

  it('are installed, and the next command has nothing to say', async () => {
    const { status, stdout, said } = await run().ended;
    assert.deepEqual([status, stdout.endsWith('ran\n')], [0, true], said.join('\n'));
    assert.match(said.join('\n'), /installing Debian packages: gh-one gh-two/);
    assert.deepEqual(debian.installed(), ['gh-one', 'gh-two']);
    assert.deepEqual((await run().ended).said, []);
  });

  for (const which of ['dpkg', 'lists'] as const)
    it(`wait for another apt that has the lock of ${which}, and say so`, async () => {
      const other = await holder(debian.lock(which));
      const running = run();
      await until('the line', () => /apt is in use by .*waiting for it/.test(running.soFar()));
      assert.match(running.soFar(), new RegExp(`in use by process ${other.pid} `));
      other.stdin?.end();
      const { status, said } = await running.ended;
      assert.equal(status, 0, said.join('\n'));
      assert.deepEqual(debian.installed(), ['gh-one', 'gh-two']);
    });

  it('do not wait for ever', async () => {
    const other = await holder(debian.lock('dpkg'));
    const module = JSON.stringify(join(fresh.root, 'edge-runtime/bootstrap/debian.mjs'));
    const script = `const { ensureDebianPackages } = await import(${module});
      ensureDebianPackages(${JSON.stringify(fresh.root)}, ['start'], 1);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...fresh.environment(), ...debian.environment() },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [status] = await once(child, 'close');
    other.stdin?.end();
    assert.equal(status, 1);
    assert.match(said, /apt has been in use by process \d+ .*See to that one, then run the command again/);
  });

  it('of two commands at once are installed once: the other waits for apt', async () => {
    const { running: first } = await midst();
    const second = run();
    await until('the second to wait', () => /apt is in use by/.test(second.soFar()));
    letGo();
    for (const { status, said } of [await first.ended, await second.ended])
      assert.equal(status, 0, said.join('\n'));
    assert.deepEqual(debian.installed(), ['gh-one', 'gh-two']);
  });

  it('whose install was killed while dpkg went on are waited for', async () => {
    const { running } = await midst();
    // apt and dpkg are in a session of their own: a closed terminal does not reach them.
    killTree(running.child);
    await running.ended;
    const next = run();
    await until('the next to wait', () => /apt is in use by/.test(next.soFar()));
    letGo();
    const { status, said } = await next.ended;
    assert.equal(status, 0, said.join('\n'));
    assert.deepEqual(debian.installed(), ['gh-one', 'gh-two']);
  });

  it('that a power cut left half installed are put right', async () => {
    const { running, dpkg } = await midst();
    killTree(running.child);
    process.kill(dpkg, 'SIGKILL');
    await running.ended;
    letGo();
    assert.deepEqual(debian.installed(), ['gh-one']);
    const { status, said } = await run().ended;
    assert.equal(status, 0, said.join('\n'));
    assert.deepEqual(debian.installed(), ['gh-one', 'gh-two']);
  });

  it('that cannot be had for want of a server say so in one line', async () => {
    debian.source('http://127.0.0.1:9/');
    const { status, said } = await run().ended;
    assert.equal(status, 1);
    assert.match(said.at(-1) ?? '', /package server cannot be reached\. Check network, proxy/);
  });

  it('that no source offers are shown as apt says it', async () => {
    fresh.write('edge-runtime/bootstrap/debian-packages.txt', 'start gh-three\n');
    const { status, said } = await run().ended;
    fresh.write('edge-runtime/bootstrap/debian-packages.txt', '# both\nstart gh-one\nstart gh-two\n');
    assert.equal(status, 1);
    assert.match(said.join('\n'), /Unable to locate package gh-three/);
    assert.match(said.at(-1) ?? '', /could not be installed \(see above\).*apt-get install .*gh-three/);
  });

  it('that do not fit on the disk say so in one line', async () => {
    mkdirSync(join(debian.root, 'opt'));
    const mount = 'mount -t tmpfs -o size=200k none "$0" && exec "$@"';
    const before = ['unshare', '--mount', 'sh', '-c', mount, join(debian.root, 'opt')];
    const { status, said } = await run({ before }).ended;
    assert.equal(status, 1);
    assert.match(said.at(-1) ?? '', /the disk that holds the Debian packages is full\. Free some space/);
  });

  for (const sudo of [true, false])
    it(`for a user who is not root ${sudo ? 'with' : 'without'} sudo are one line to run`, async () => {
      const folder = join(fresh.dir, `bin-${sudo}`);
      mkdirSync(folder);
      for (const name of ['flock', 'sync', 'dpkg-query']) symlinkSync(`/usr/bin/${name}`, join(folder, name));
      if (sudo) writeFileSync(join(folder, 'sudo'), '#!/bin/sh\n', { mode: 0o755 });
      for (const open of [fresh.dir, fresh.root, debian.dir]) chmodSync(open, 0o755);
      const before = ['/usr/bin/setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
      const { status, said } = await run({ before, env: { PATH: folder } }).ended;
      assert.equal(status, 1);
      assert.equal(said.length, 1, said.join('\n'));
      const install = 'apt-get install -y --no-install-recommends gh-one gh-two';
      assert.ok(said[0]?.endsWith(sudo ? `sudo ${install}` : `Let root run this once: ${install}`), said[0]);
    });
});
