import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;
const root = join(here, '../../..');
/** Where the built page lies. */
export const distFolder = join(here, 'dist');
/** What the page was made from; beside it, so that a stale build is noticed whatever its dates say. */
const stampFile = join(distFolder, '.built-from');

const sources = ['src/**/*.ts', 'index.html', 'vite.config.ts', '../*.ts', '../render/studio-page.ts'];

/** Builds the page into `dist` unless it is there and made from exactly these sources. Returns whether it built. */
export async function ensureBuilt(): Promise<boolean> {
  const stamp = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return false;
  await build({ configFile: join(here, 'vite.config.ts'), logLevel: 'warn' });
  mkdirSync(distFolder, { recursive: true });
  writeFileSync(stampFile, stamp);
  return true;
}

function fingerprint(): string {
  const hash = createHash('sha256');
  const paths = globSync(sources, { cwd: here }).map((path) => join(here, path));
  for (const path of [...paths.sort(), join(root, 'package-lock.json')])
    hash.update(path.slice(root.length)).update('\0').update(readFileSync(path)).update('\0');
  return hash.digest('hex');
}
