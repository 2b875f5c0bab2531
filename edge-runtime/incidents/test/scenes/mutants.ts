import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { ZoneRule } from '@gatehouse/contracts';
import { IncidentEngine } from '../../index.ts';
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
    const { IncidentEngine: Mutated } = await import(new URL('incidents/engine.ts', root).href + mark);
    return (cameras) => new Mutated(cameras);
  } finally {
    hooks.deregister();
  }
}

/** An engine whose rules have been set otherwise than their scripts say. */
export function tampered(change: (rule: ZoneRule) => object): EngineFactory {
  return (cameras) =>
    new IncidentEngine(
      cameras.map((camera) => ({
        ...camera,
        zones: camera.zones.map((zone) => ({
          ...zone,
          rules: zone.rules.map((rule) => ZoneRule.parse({ ...rule, ...change(rule) })),
        })),
      })),
    );
}

/** Every number of seconds that decides about an incident, a fifth longer. */
export function slower(rule: ZoneRule): object {
  const names = ['violationAfterS', 'voiceAfterS', 'alarmAfterS', 'escalateAfterS', 'forS'];
  return Object.fromEntries(
    Object.entries(rule).flatMap(([name, value]) =>
      names.includes(name) && typeof value === 'number' ? [[name, value * 1.2]] : [],
    ),
  );
}
