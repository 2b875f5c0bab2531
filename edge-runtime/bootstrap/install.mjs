/** Installs what a fresh clone lacks and says so on stderr. Only one command installs at a time. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureDebianPackages, missingPackages, requireInstaller } from './debian.mjs';
import { lockFileOf, takeLock, waiting } from './lock.mjs';
import { installNodeModules, isInstalled } from './node-modules.mjs';
import { diskProblem, fail, say } from './say.mjs';

/** Fails where Gatehouse cannot run at all. */
export function requireHost() {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    fail(`Gatehouse runs on Linux, x64 or arm64; this is ${process.platform}-${process.arch}.`);
  if (Number(process.versions.node.split('.')[0]) < 18)
    fail(`this Node is ${process.version}; the first steps need 18 or later. Install a newer one.`);
}

/** Brings the Debian packages for `purposes` and the npm packages of the lock file. */
export function ensureInstalled(root, purposes) {
  // What a person may have to do first is said before minutes of waiting and downloading.
  requireInstaller(root, purposes);
  if (isInstalled(root) && missingPackages(root, purposes).length === 0) return;
  try {
    const lock = takeLock(lockFileOf(root), () => say(waiting));
    ensureDebianPackages(root, purposes);
    // The command that was waited for may have brought them.
    if (!isInstalled(root)) installNodeModules(root, lock.fd);
    lock.release();
  } catch (error) {
    fail(diskProblem(String(error), root) ?? error.message);
  }
}

/** Builds the console's pages if their sources have changed. The builder itself says what is wrong. */
export function ensurePages(root, node) {
  const { status } = spawnSync(node, [join(root, 'edge-runtime/console/web/build.ts')], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) process.exit(1);
}
