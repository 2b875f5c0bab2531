import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, beforeEach, describe, it } from 'node:test';
import { type Ended, FakeCheckout, pinned } from './fake-checkout.ts';

/**
 * Places where the first command cannot install: it ends with one line that names the cause and the remedy.
 */
const asRoot = process.getuid?.() === 0 ? false : 'needs root to mount a disk or to become another user';
const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

/** Runs the rest of a command line with a mount that ends with it; `$0` is the folder. */
const withMount = (how: string, folder: string) => [
  ...['unshare', '--mount', 'sh', '-c', `${how} && exec "$@"`, folder],
];

describe('a first command that cannot install', () => {
  let fresh = new FakeCheckout();
  beforeEach(async () => {
    fresh.stop();
    fresh = new FakeCheckout();
    await fresh.start();
  });
  after(() => fresh.stop());

  /** Fails unless one line is for the person, after at most one line that announces the work. */
  function assertOneLine({ status, said }: Ended, line: RegExp): void {
    assert.equal(status, 1, said.join('\n'));
    const lines = said.filter((text) => !/installing the npm packages|^added \d+ packages/.test(text));
    assert.equal(lines.length, 1, said.join('\n'));
    assert.match(lines[0] ?? '', /^gatehouse: /);
    assert.match(lines[0] ?? '', line);
  }

  /** A PATH with these programs only. */
  function pathOf(...programs: string[]): NodeJS.ProcessEnv {
    const folder = join(fresh.dir, 'bin');
    mkdirSync(folder);
    for (const name of programs) symlinkSync(`/usr/bin/${name}`, join(folder, name));
    return { PATH: folder };
  }

  it('names npm where it is missing', async () => {
    const ended = await fresh.run('cli', { env: pathOf('flock', 'sync') }).ended;
    assertOneLine(ended, /npm is missing\. Install it.*npm.*run the command again/);
  });

  it('names flock where it is missing', async () => {
    const ended = await fresh.run('cli', { env: pathOf('npm') }).ended;
    assertOneLine(ended, /flock is missing\. Install it.*util-linux/);
  });

  it('names the registry where it cannot be reached', async () => {
    fresh.registry.stop();
    assertOneLine(
      await fresh.run('cli').ended,
      /npm registry cannot be reached \(ECONNREFUSED\)\. Check network, proxy/,
    );
    // A name that is never given to anybody (RFC 2606).
    const env = { npm_config_registry: 'http://registry.invalid/' };
    assertOneLine(await fresh.run('cli', { env }).ended, /cannot be reached \((ENOTFOUND|EAI_AGAIN)\)/);
  });

  it('shows what npm says where the cause is not a known one', async () => {
    fresh.registry.spoil('filler-2');
    const { status, said } = await fresh.run('cli').ended;
    assert.equal(status, 1);
    assert.match(said.join('\n'), /EINTEGRITY/);
    assert.match(said.at(-1) ?? '', /npm ci failed \(see above\).*run the command again/);
  });

  it('names a package that npm left out without a word, as it does with optional ones', async () => {
    fresh.registry.spoil(pinned);
    const { status, said } = await fresh.run('cli').ended;
    assert.equal(status, 1);
    assert.match(
      said.at(-1) ?? '',
      /npm could not bring node_modules\/node-linux-\w+.*run the command again/,
    );
  });

  it('says that the lock file is missing', async () => {
    rmSync(join(fresh.root, 'package-lock.json'));
    assertOneLine(
      await fresh.run('cli').ended,
      /package-lock\.json is not there: this checkout is not whole/,
    );
  });

  it('says that the disk is full, and installs once there is room', { skip: asRoot }, async () => {
    const modules = join(fresh.root, 'node_modules');
    mkdirSync(modules);
    const before = withMount('mount -t tmpfs -o size=400k none "$0"', modules);
    assertOneLine(
      await fresh.run('cli', { before }).ended,
      /the disk that holds .* is full\. Free some space/,
    );
    assert.equal((await fresh.run('cli').ended).status, 0);
  });

  it('believes no npm that warns of unwritten files and ends well, though there is room again', async () => {
    const warning = 'npm warn tar TAR_ENTRY_ERROR ENOSPC: no space left on device, write';
    const folder = join(fresh.dir, 'bin');
    mkdirSync(folder);
    const npm = `#!/bin/sh\nPATH=\${PATH#*:}\nnpm "$@" && echo '${warning}' >&2\n`;
    writeFileSync(join(folder, 'npm'), npm, { mode: 0o755 });
    const env = { PATH: `${folder}:${fresh.environment().PATH}` };
    assertOneLine(await fresh.run('cli', { env }).ended, /the disk that holds .* is full/);
    assert.equal((await fresh.run('cli').ended).status, 0);
  });

  it('says that a read-only checkout cannot be written', { skip: asRoot }, async () => {
    const before = withMount('mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"', fresh.root);
    const ended = await fresh.run('cli', { before }).ended;
    assertOneLine(ended, /checkout cannot be written by this user \(EROFS\)/);
  });

  it("says that another user's checkout cannot be written; once installed, it runs for anybody", {
    skip: asRoot,
  }, async () => {
    for (const folder of [fresh.dir, fresh.root]) chmodSync(folder, 0o755);
    const ended = await fresh.run('cli', { before: nobody }).ended;
    assertOneLine(ended, /checkout cannot be written by this user \(EACCES\)\. Run the command as the owner/);
    assert.equal((await fresh.run('cli').ended).status, 0);
    const { status, said } = await fresh.run('cli', { before: nobody }).ended;
    assert.deepEqual([status, said], [0, []]);
  });
});
