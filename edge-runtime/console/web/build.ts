import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { pagesLock, takeLock } from '../../bootstrap/lock.mjs';
import { diskProblem, say } from '../../bootstrap/say.mjs';

const here = import.meta.dirname;
const root = join(here, '../../..');
/**
 * A file in the built pages with the hash of their sources, so that a stale build is noticed whatever its
 * dates say, and the list of their files.
 */
const stampName = '.built-from';

const building = 'another command is building the console pages; waiting for it …';
const sources = [
  ...['src/**/*', 'locales/*', 'public/*', 'index.html', 'vite.config.ts', 'tsconfig.json'],
  // The tables that server and pages share, and the words that they share with the other services.
  ...['../../contracts/console/*', '../../contracts/locales/*.{json,ts}', '../../errors/{,rows/}*.ts'],
];

/**
 * Builds the pages into `dist` unless they are there, whole, and made from exactly these sources. Returns
 * true if it built. One program builds at a time, and others wait for it. Pages are put in place whole, so an
 * interrupted build leaves the earlier ones.
 */
export async function ensureBuilt(dist = join(here, 'dist')): Promise<boolean> {
  const madeFrom = fingerprint();
  if (isWhole(dist, madeFrom)) return false;
  const lock = takeLock(pagesLock(root), () => say(building));
  try {
    if (isWhole(dist, madeFrom)) return false;
    await buildInto(dist, madeFrom);
    return true;
  } finally {
    lock.release();
  }
}

/**
 * Under the lock. The folder beside it is made anew each time: a folder that is left there is of an
 * interrupted build.
 */
async function buildInto(dist: string, madeFrom: string): Promise<void> {
  for (const left of globSync(`${dist}.part-*`)) rmSync(left, { recursive: true });
  const part = mkdtempSync(`${dist}.part-`);
  // The console's user reads them, and did not always build them.
  chmodSync(part, 0o755);
  try {
    await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn', build: { outDir: part } });
    writeFileSync(join(part, stampName), [madeFrom, ...filesIn(part)].join('\n'));
    rmSync(dist, { recursive: true, force: true });
    renameSync(part, dist);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    throw error;
  }
}

function isWhole(dist: string, madeFrom: string): boolean {
  const stamp = join(dist, stampName);
  if (!existsSync(stamp)) return false;
  const [from, ...files] = readFileSync(stamp, 'utf8').split('\n');
  return from === madeFrom && files.every((file) => existsSync(join(dist, file)));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

/** Files that the pages are made of. */
export function pageSources(): string[] {
  const files = globSync(sources, { cwd: here, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name)).sort();
}

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const path of [...pageSources(), join(root, 'package-lock.json')])
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

/** `build.ts [FOLDER]`: one line about the reason if the pages cannot be built. */
if (import.meta.main) {
  const [, , dist] = process.argv;
  try {
    const built = await ensureBuilt(dist);
    process.stdout.write(built ? 'console pages built\n' : 'console pages are up to date\n');
  } catch (error) {
    say(diskProblem(String(error), dist ?? here) ?? `the console pages could not be built: ${error}`);
    process.exitCode = 1;
  }
}
