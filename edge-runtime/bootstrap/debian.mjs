/** The Debian packages of `debian-packages.txt`. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskProblem, fail, say } from './say.mjs';

/**
 * Longest wait for another apt before a person should look at it, milliseconds. An automatic upgrade takes
 * minutes.
 */
const aptLockWaitMs = 10 * 60_000;
const askAgainMs = 1_000;

/** Names of the packages for `purposes` that are not installed; empty where there is no dpkg. */
export function missingPackages(root, purposes) {
  const wanted = packagesFor(root, purposes);
  if (wanted.length === 0) return [];
  const asked = spawnSync('dpkg-query', ['--show', `--showformat=\${Package} \${Status}\\n`, ...wanted], {
    encoding: 'utf8',
  });
  if (asked.error) return [];
  const there = new Set([...asked.stdout.matchAll(/^(\S+) \S+ ok installed$/gm)].map(([, name]) => name));
  return wanted.filter((name) => !there.has(name));
}

/**
 * Fails if packages are missing that this user cannot install. Called before minutes of waiting or
 * downloading.
 */
export function requireInstaller(root, purposes) {
  if (purposes.includes('start') && spawnSync('dpkg-query', ['--version']).error) {
    if (spawnSync('ffmpeg', ['-version']).error)
      fail(`ffmpeg is missing. Install it (and, for the tests: ${packagesFor(root, ['test']).join(', ')}).`);
    return;
  }
  const missing = missingPackages(root, purposes);
  if (missing.length === 0 || process.getuid?.() === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (spawnSync('sudo', ['--version']).error)
    fail(`Debian packages are missing, and only root can install them. Let root run this once: ${command}`);
  fail(`Debian packages are missing. Run this once, then the command again: sudo ${command}`);
}

/**
 * Installs the missing packages of `purposes` with apt, as root. apt has a lock of its own for the machine.
 */
export function ensureDebianPackages(root, purposes, waitMs = aptLockWaitMs) {
  const missing = missingPackages(root, purposes);
  if (missing.length === 0) return;
  say(`installing Debian packages: ${missing.join(' ')} (may take some minutes) …`);
  // A fresh machine has no lists, or old ones. If one source does not answer, the others may have the
  // packages.
  const update = patient(['apt-get', 'update', '-qq'], waitMs);
  const install = ['apt-get', 'install', '-y', '--no-install-recommends', '-qq', ...missing];
  let result = patient(install, waitMs);
  // Repairs the rest of an earlier install that was broken off.
  for (const { sign, command } of repairs)
    if (!result.done && sign.test(result.text)) {
      say('an earlier install of Debian packages was broken off: putting that right …');
      patient(command, waitMs);
      result = patient(install, waitMs);
    }
  if (!result.done) giveUp(update.text + result.text, missing);
}

const repairs = [
  { sign: /dpkg was interrupted/, command: ['dpkg', '--configure', '-a'] },
  {
    sign: /--fix-broken|unmet dependencies/i,
    command: ['apt-get', 'install', '-y', '-qq', '--fix-broken'],
  },
];

function giveUp(text, missing) {
  const noDisk = diskProblem(text, 'the Debian packages');
  if (noDisk) fail(noDisk);
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`;
  if (
    /Temporary failure resolving|Could not (resolve|connect)|Unable to connect|timed out|unreachable/.test(
      text,
    )
  )
    fail(
      "Debian's package server cannot be reached. Check network, proxy and /etc/apt/sources.list, " +
        'then run the command again.',
    );
  process.stderr.write(text);
  fail(`the Debian packages could not be installed (see above). Run this by hand to see why: ${command}`);
}

/** Runs apt or dpkg; waits while another process has their lock. Returns the output, and true for success. */
function patient([program, ...args], waitMs) {
  const startMs = Date.now();
  for (let told = false; ; told = true) {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    // dpkg complains on apt's standard output.
    const text = error ? String(error) : `${stdout}${stderr}`;
    if (status === 0 || !/Could not get lock|locked by another process/.test(text))
      return { done: status === 0, text };
    const holder =
      /held by (process .*)|with (pid \d+)/.exec(text)?.slice(1).find(Boolean) ?? 'another program';
    if (Date.now() - startMs > waitMs)
      fail(
        `apt has been in use by ${holder} for over ${Math.floor(waitMs / 60_000)} minutes. ` +
          'See to that one, then run the command again.',
      );
    if (!told) say(`apt is in use by ${holder}; waiting for it …`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, askAgainMs);
  }
}

function packagesFor(root, purposes) {
  return readFileSync(join(root, 'edge-runtime/bootstrap/debian-packages.txt'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '))
    .filter(([purpose]) => purposes.includes(purpose))
    .map(([, name]) => name);
}
