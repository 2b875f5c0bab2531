import { seededRandom } from '@gatehouse/kit';
import fc from 'fast-check';

type Json = { readonly [key: string]: unknown };

/** Values that are valid under a JSON Schema of the published kind; shares no code with a validator. */
export function arbitraryOf(schema: Json): fc.Arbitrary<unknown> {
  const union = (schema.anyOf ?? schema.oneOf) as readonly Json[] | undefined;
  if (union) return fc.oneof(...union.map(arbitraryOf));
  if ('const' in schema) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(fc.constantFrom(...endsOf(schema)), fc.integer({ ...boundsOf(schema), max: 1e6 }));
    case 'number': {
      const { min, max } = { min: -1e9, max: 1e9, ...boundsOf(schema) };
      return fc.double({ min, max, noNaN: true });
    }
    case 'array': {
      const { minItems: minLength = 0, maxItems: maxLength = 5 } = schema as {
        minItems?: number;
        maxItems?: number;
      };
      return fc.array(arbitraryOf(schema.items as Json), { minLength, maxLength: Math.min(5, maxLength) });
    }
    case 'object':
      return objectOf(schema);
    case 'string':
      return stringOf(schema);
    default:
      return fc.constantFrom(1, 'a', true);
  }
}

function objectOf(schema: Json): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  const required = (schema.required ?? []) as string[];
  const fields = Object.fromEntries(properties.map(([key, one]) => [key, arbitraryOf(one)]));
  return fc.record(fields, { requiredKeys: required.filter((key) => key in fields) });
}

function stringOf({ pattern, maxLength }: Json): fc.Arbitrary<string> {
  if (typeof pattern === 'string')
    return fc.stringMatching(new RegExp(pattern, 'u')).filter((s) => s.length < 400);
  return fc.string({ minLength: 1, maxLength: Math.min(20, Number(maxLength ?? 20)) });
}

function boundsOf({ minimum, maximum }: Json): { min?: number; max?: number } {
  return {
    ...(typeof minimum === 'number' ? { min: minimum } : {}),
    ...(typeof maximum === 'number' ? { max: maximum } : {}),
  };
}

function endsOf({ minimum, maximum }: Json): number[] {
  return [minimum, maximum].filter((end) => typeof end === 'number');
}

/**
 * The replacements for each place of a value: other kinds, texts that engines read differently, numbers
 * beyond their bounds.
 */
const odd: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  'x',
  0,
  -1,
  0.5,
  1e21,
  9007199254740992,
  [],
  {},
  [null],
  'box-1\n',
  'box-١',
  '2026-11-23T18:30:00.1234Z',
  '2026-11-23T18:30:60Z',
  '2026-02-30T00:00:00Z',
  '２０２６-11-23T18:30:00Z',
  '2026-11-23t18:30:00z',
  '2026-11-23T18:30:00.000+08:00\n',
  '6D1F3A52-9A1E-4D53-8F5E-0C5F6A8F9D10',
  '6d1f3a52-9a1e-4d53-8f5e-0c5f6a8f9d10\n',
  '6d1f3a52-9a1e-0d53-8f5e-0c5f6a8f9d10',
  '王师傅',
  '𠮷'.repeat(40),
  'é',
  'e\u0301',
  'a\u2028b',
  'a'.repeat(64),
  'a'.repeat(5000),
];

/** Copies of a value with one place replaced, removed or extended, for every place and some replacements. */
export function mutationsOf(value: unknown, seed: number): unknown[] {
  const random = seededRandom(seed);
  return placesOf(value).flatMap((path) => {
    const some = odd.filter(() => random() < 0.35);
    const whole = path.length === 0;
    const at = get(value, path);
    return [
      ...(whole ? [] : some.map((other) => set(value, path, other))),
      ...(whole ? [] : [without(value, path)]),
      ...(typeof at === 'string' ? [set(value, path, `${at}\n`), set(value, path, at.toUpperCase())] : []),
      ...(typeof at === 'number' ? [set(value, path, at + 0.5), set(value, path, -at - 1)] : []),
      ...(Array.isArray(at) ? [set(value, path, [...at, ...at, {}])] : []),
      ...(isObject(at) ? [set(value, path, { ...at, extra: 1 })] : []),
    ];
  });
}

function placesOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  const below = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [path, ...below.flatMap(([key, one]) => placesOf(one, [...path, key]))];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function get(value: unknown, path: readonly string[]): unknown {
  return path.reduce((at, key) => (at as Record<string, unknown>)[key], value);
}

function set(value: unknown, path: readonly string[], other: unknown): unknown {
  const [last] = path.slice(-1);
  if (last === undefined) return other;
  const copy = structuredClone(value);
  (get(copy, path.slice(0, -1)) as Record<string, unknown>)[last] = other;
  return copy;
}

function without(value: unknown, path: readonly string[]): unknown {
  const copy = structuredClone(value);
  const parent = get(copy, path.slice(0, -1));
  const [last = ''] = path.slice(-1);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return copy;
}
