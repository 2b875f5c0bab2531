import { createHash } from 'node:crypto';
import {
  existsSync,
  globSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;
const root = join(here, '../../../..');
/** A build that nothing was asked of for so long is of sources that have changed since. */
const keptMs = 24 * 3600 * 1000;

const sources = ['src/**/*.ts', 'index.html', 'vite.config.ts', '../*.ts', '../render/studio-page.ts'];

/**
 * Gives the folder of the page that was made from exactly these sources, and builds it if there is none. Each
 * build has a folder of its own, named by its sources and put there whole by a rename: programs that start
 * together, as tests do, never see half of one.
 */
export async function builtPage(builds = join(here, 'dist')): Promise<string> {
  const folder = join(builds, fingerprint());
  if (existsSync(folder)) return folder;
  await mkdir(builds, { recursive: true });
  dropOld(builds);
  const part = mkdtempSync(join(builds, '.part-'));
  await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn', build: { outDir: part } });
  try {
    renameSync(part, folder);
  } catch (error) {
    // Another program was faster: its build is the same.
    if (!existsSync(folder)) throw error;
    rmSync(part, { recursive: true });
  }
  return folder;
}

function dropOld(builds: string): void {
  for (const name of readdirSync(builds)) {
    const path = join(builds, name);
    // By the file system's clock on both sides, which a wrong wall clock does not part.
    const now = statSync(builds).mtimeMs;
    if (now - statSync(path).mtimeMs > keptMs) rmSync(path, { recursive: true, force: true });
  }
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const paths = globSync(sources, { cwd: here }).map((path) => join(here, path));
  for (const path of [...paths.sort(), join(root, 'package-lock.json')])
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex').slice(0, 16);
}
