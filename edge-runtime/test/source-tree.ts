import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository's root. */
export const root = join(import.meta.dirname, '..', '..');

export interface SourceFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** Paths of every file that git tracks or would track. */
export function trackedFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => path !== '');
}

/** Every TypeScript or JavaScript file that git tracks or would track. */
export function sourceFiles(): SourceFile[] {
  return trackedFiles()
    .filter((path) => /\.(ts|tsx|mjs|cjs|js)$/.test(path) && !path.endsWith('.d.ts'))
    .flatMap((path) => {
      try {
        return [{ path, text: readFileSync(join(root, path), 'utf8') }];
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
        throw error;
      }
    });
}

/** Paths of all packages' `package.json`. */
export function manifests(): string[] {
  return trackedFiles().filter((path) => /(^|\/)package\.json$/.test(path));
}

/** True for tests and what only tests use. */
export function isTest(path: string): boolean {
  return /\/(test|e2e|harness)\//.test(path);
}
