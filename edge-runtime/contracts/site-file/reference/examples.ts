import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { inline } from '../write.ts';
import type { Key } from './sections.ts';

const folder = join(import.meta.dirname, 'examples');

/** Whole site files that `config check` accepts; together they hold every key. By file name. */
export function exampleFiles(): ReadonlyMap<string, string> {
  const names = readdirSync(folder).toSorted();
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

/** Examples by the path of their key, as they stand in the example files. */
export class Examples {
  readonly #values = new Map<string, unknown>();

  constructor(texts: Iterable<string>) {
    for (const text of texts) this.#take(parse(text), '');
  }

  /** `name: value` in one line of YAML; `undefined` where no example file has the key. */
  of({ name, path }: Pick<Key, 'name' | 'path'>): string | undefined {
    return this.#values.has(path) ? `${name}: ${inline(this.#values.get(path), 'yaml')}` : undefined;
  }

  #take(value: unknown, path: string): void {
    if (Array.isArray(value)) for (const item of value) this.#takeItem(item, `${path}[]`);
    else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) {
        const at = path === '' ? name : `${path}.${name}`;
        if (!this.#values.has(at)) this.#values.set(at, one);
        this.#take(one, at);
        // In a table of classes or contacts the name is the installer's choice.
        this.#take(one, `${path}.*`);
      }
  }

  #takeItem(item: unknown, path: string): void {
    this.#take(item, path);
    const kind = typeof item === 'object' && item !== null ? Reflect.get(item, 'kind') : undefined;
    if (typeof kind === 'string') this.#take(item, `${path}(${kind})`);
  }
}
