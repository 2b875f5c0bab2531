import { posix } from 'node:path';
import { importsOf } from './import-direction.ts';
import type { SourceFile } from './source-tree.ts';

/**
 * Groups of files that import one another in a circle, types included. Such files can only be read, moved or
 * tested together. A package's own name leads to its `index.ts`.
 */
export function importCircles(
  files: readonly SourceFile[],
  entries: ReadonlyMap<string, string>,
): string[][] {
  const known = new Set(files.map(({ path }) => path));
  const imports = new Map(
    files.map(({ path, text }) => {
      const targets = importsOf(text).map(({ target }) =>
        target.startsWith('.') ? posix.join(posix.dirname(path), target) : entries.get(target),
      );
      return [path, targets.filter((target) => target !== undefined && known.has(target)) as string[]];
    }),
  );
  return new Circles(imports).all();
}

/** Tarjan's strongly connected components (SIAM J. Comput. 1972), of more than one file. */
class Circles {
  readonly #imports: ReadonlyMap<string, readonly string[]>;
  readonly #order = new Map<string, number>();
  readonly #lowest = new Map<string, number>();
  readonly #open: string[] = [];
  readonly #found: string[][] = [];

  constructor(imports: ReadonlyMap<string, readonly string[]>) {
    this.#imports = imports;
  }

  all(): string[][] {
    for (const file of this.#imports.keys()) if (!this.#order.has(file)) this.#visit(file);
    return this.#found;
  }

  #visit(file: string): number {
    const order = this.#order.size;
    this.#order.set(file, order);
    this.#lowest.set(file, order);
    this.#open.push(file);
    for (const target of this.#imports.get(file) ?? []) this.#lower(file, this.#reach(target));
    if (this.#lowest.get(file) === order) this.#close(file);
    return this.#lowest.get(file) ?? order;
  }

  #reach(target: string): number | undefined {
    if (!this.#order.has(target)) return this.#visit(target);
    return this.#open.includes(target) ? this.#order.get(target) : undefined;
  }

  #lower(file: string, reached: number | undefined): void {
    const lowest = this.#lowest.get(file) ?? 0;
    if (reached !== undefined && reached < lowest) this.#lowest.set(file, reached);
  }

  #close(file: string): void {
    const group = this.#open.splice(this.#open.indexOf(file));
    if (group.length > 1) this.#found.push(group.toSorted());
  }
}
