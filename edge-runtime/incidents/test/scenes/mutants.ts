import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { EngineFactory } from './run.ts';

/** A wrong version of the product: one piece of its source replaced by another. */
export interface Mutant {
  readonly fault: string;
  /** Source file below `edge-runtime`. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const root = new URL('../../../', import.meta.url);
const mutable = /\/edge-runtime\/(rules|incidents)\/[a-z-]+\.ts/;

/**
 * Loads the engine with one mutation, beside the real one. The hooks touch no other import and leave no file.
 */
export async function engineWith(mutant: Mutant, number: number): Promise<EngineFactory> {
  const mark = `?mutant=${number}`;
  const target = new URL(mutant.file, root).href + mark;
  const source = readFileSync(fileURLToPath(new URL(mutant.file, root)), 'utf8');
  if (source.split(mutant.find).length !== 2)
    throw new Error(`"${mutant.find}" must stand in ${mutant.file} exactly once`);
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const marked = context.parentURL?.endsWith(mark) && mutable.test(resolved.url);
      return marked ? { ...resolved, url: resolved.url.split('?')[0] + mark } : resolved;
    },
    load(url, context, next) {
      if (url !== target) return next(url, context);
      return {
        format: 'module-typescript',
        source: source.replace(mutant.find, () => mutant.replace),
        shortCircuit: true,
      };
    },
  });
  try {
    const { IncidentEngine } = await import(new URL('incidents/engine.ts', root).href + mark);
    return (cameras) => new IncidentEngine(cameras);
  } finally {
    hooks.deregister();
  }
}
