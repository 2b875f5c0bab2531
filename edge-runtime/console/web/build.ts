import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;
const root = join(here, '../../..');
/** What the built pages were made from; beside them, so that a stale build is noticed whatever its dates say. */
const stampFile = join(here, 'dist', '.built-from');

const sources = ['src/**/*', 'locales/*', 'public/*', 'index.html', 'vite.config.ts', 'tsconfig.json'];

/** Builds the pages into `dist` unless they are there and made from exactly these sources. Returns whether it built. */
export async function ensureBuilt(): Promise<boolean> {
  const stamp = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
  mkdirSync(join(here, 'dist'), { recursive: true });
  writeFileSync(stampFile, stamp);
  return true;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const files = globSync(sources, { cwd: here, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  for (const path of [...paths.sort(), join(root, 'package-lock.json')])
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}

if (import.meta.main) {
  const built = await ensureBuilt();
  process.stdout.write(built ? 'console pages built\n' : 'console pages are up to date\n');
}
