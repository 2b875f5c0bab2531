import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

const folder = new URL('../../schemas/', import.meta.url);

/** A published file's JSON, by its name below `sync-agent/schemas/`. */
export function publishedFile(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

/** Names of the published event types: what an integrator sees in the folder, not what the code says. */
export const publishedTypes: readonly string[] = readdirSync(folder)
  .filter((name) => /^gatehouse\..+\.v\d+\.json$/.test(name))
  .map((name) => name.replace(/\.json$/, ''));

// Formats stand beside patterns that say the same (RFC 3339, RFC 9562), so that ajv alone checks them.
const ajv = new Ajv2020({ strict: true, validateFormats: false, allErrors: false });
const validators = new Map<string, ValidateFunction>();

/**
 * The fault of a value by a published schema, judged by ajv, which shares no code with the contracts;
 * `undefined` if nothing.
 */
export function faultBy(schema: string, value: unknown): string | undefined {
  const known = validators.get(schema) ?? ajv.compile(publishedFile(`${schema}.json`));
  validators.set(schema, known);
  return known(value) ? undefined : `${schema}: ${ajv.errorsText(known.errors)}`;
}

/** The fault of an event as it came over the wire. */
export function eventFault(event: unknown): string | undefined {
  const type = typeof event === 'object' && event !== null && 'type' in event ? String(event.type) : '';
  if (!publishedTypes.includes(type)) return `"${type}" is no published type`;
  return faultBy(type, event) ?? faultBy('envelope.v1', event);
}
