import type { Schema } from '../form.ts';

/** One section of the site file: the keys that stand together. */
export interface Section {
  /**
   * `cameras[].ring`, or `cameras[].zones[].rules[](crowd)` where `kind` chooses the form. Empty for the file
   * itself.
   */
  readonly path: string;
  readonly keys: readonly Key[];
  /** Further places of the file have a section of this form. */
  readonly shared: boolean;
}

export interface Key {
  readonly name: string;
  /** Path of the section, and the name. */
  readonly path: string;
  readonly schema: DescribedSchema;
  readonly required: boolean;
  /**
   * Paths of the sections that stand below this key. A form that occurs at several places is listed at the
   * first.
   */
  readonly leadsTo: readonly string[];
}

/** JSON Schema with the annotations that zod writes into it. */
export type DescribedSchema = Schema & { readonly description?: string; readonly default?: unknown };

type Found = Map<string, { path: string; keys: Key[]; shared: boolean }>;

/**
 * All sections of a schema in the order of the file. Equal forms (names, secrets, weekly windows) are listed
 * once.
 */
export function sectionsOf(schema: Schema): readonly Section[] {
  const found: Found = new Map();
  section(schema, '', found);
  return [...found.values()];
}

/**
 * Lists an object with all below it, unless its form is known; returns the path that the form is listed
 * under.
 */
function section(schema: Schema, path: string, found: Found): string {
  const form = JSON.stringify(schema.properties);
  const known = found.get(form);
  if (known) {
    known.shared = true;
    return known.path;
  }
  const keys: Key[] = [];
  found.set(form, { path, keys, shared: false });
  for (const [name, one] of Object.entries(schema.properties ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    const required = schema.required?.includes(name) ?? false;
    keys.push({ name, path: at, schema: one, required, leadsTo: below(one, at, found) });
  }
  return path;
}

/** The sections below a key: its own, or those of its items, of its values, of the forms that it may have. */
function below(schema: Schema, path: string, found: Found): string[] {
  const members = schema.oneOf ?? schema.anyOf;
  if (members) return belowUnion(members, path, found);
  if (schema.items) return below(schema.items, `${path}[]`, found);
  if (typeof schema.additionalProperties === 'object')
    return below(schema.additionalProperties, `${path}.*`, found);
  return schema.properties ? [section(schema, path, found)] : [];
}

function belowUnion(members: readonly Schema[], path: string, found: Found): string[] {
  const objects = members.filter(({ properties }) => properties);
  const kinds = objects.map(({ properties }) => properties?.kind?.const);
  if (kinds.every((kind) => typeof kind === 'string'))
    return objects.map((one, i) => section(one, `${path}(${kinds[i]})`, found));
  // A secret is `{ file }` or `{ env }`: one section, of which one key is written.
  const properties = Object.assign({}, ...objects.map((one) => one.properties));
  return [section({ type: 'object', properties }, path, found)];
}

/** The path without the forms that `kind` chooses: `cameras[].zones[].rules[].people`. */
export function plainPath(path: string): string {
  return path.replaceAll(/\([^)]*\)/g, '');
}
