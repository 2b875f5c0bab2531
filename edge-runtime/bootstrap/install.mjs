/** Installs the parts that a fresh clone lacks and says so on stderr. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureDebianPackages, requireInstaller } from './debian.mjs';
import { packagesLock, shareLock, takeLock } from './lock.mjs';
import { installNodeModules, isInstalled } from './node-modules.mjs';
import { diskProblem, fail, say } from './say.mjs';

/** Fails where Gatehouse cannot run at all. */
export function requireHost() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    fail(`Gatehouse runs on Linux, x64 or arm64; this is ${process.platform}-${process.arch}.`);
  if (Number(process.versions.node.split('.')[0]) < 18)
    fail(`this Node is ${process.version}; the first steps need 18 or later. Install a newer one.`);
}

/**
 * Brings the Debian packages for `purposes` and the npm packages of the lock file. Returns a lock that keeps
 * other commands from replacing the npm packages; `undefined` if no command has locked them yet.
 */
export function ensureInstalled(root, purposes) {
  // A step that a person may have to do first is named before minutes of waiting and downloading.
  requireInstaller(root, purposes);
  ensureDebianPackages(root, purposes);
  try {
    const lock = shareLock(packagesLock(root), () => say(installing));
    if (isInstalled(root)) return lock;
    lock?.release();
    return install(root);
  } catch (error) {
    return fail(diskProblem(String(error), root) ?? error.message);
  }
}

const installing = 'another command is installing in this checkout; waiting for it …';
const inUse =
  'the npm packages have to be installed anew, and another command uses or installs them; waiting …';

function install(root) {
  const lock = takeLock(packagesLock(root), () => say(inUse));
  // Another command may have installed them meanwhile.
  if (!isInstalled(root)) installNodeModules(root, lock.fd);
  lock.share();
  return lock;
}

/** Builds the console's pages if their sources have changed. The builder itself names any fault. */
export function ensurePages(root, node) {
  const { status } = spawnSync(node, [join(root, 'edge-runtime/console/web/build.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}
