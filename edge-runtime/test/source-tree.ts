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

/** Every TypeScript or JavaScript file that git tracks or would track. */
export function sourceFiles(): SourceFile[] {
  return tracked(/\.(ts|tsx|mjs|cjs|js)$/)
    .filter((path) => !path.endsWith('.d.ts'))
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
  return tracked(/(^|\/)package\.json$/);
}

function tracked(name: RegExp): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\0').filter((path) => name.test(path));
}

/** True for tests and for the code that only tests use. */
export function isTest(path: string): boolean {
  return /\/(test|e2e|harness)\//.test(path);
}

/** Paths of all Markdown pages. */
export function markdownPages(): string[] {
  return tracked(/\.md$/);
}
