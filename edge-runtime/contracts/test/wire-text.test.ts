import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventTypes, LoginName, MediaUrl, WireEvent, WireInstant, wireData } from '@gatehouse/contracts';
import { z } from 'zod';

type Json = { readonly [key: string]: unknown };

/**
 * The only texts that may leave the box beside words out of closed lists, by the pattern that stands in the
 * schema. Each entry says what the text names and who chooses it. No flow chooses one, and no person who asks
 * for something.
 */
const identities: Readonly<Record<string, { readonly names: string; readonly chosenBy: string }>> = {
  '^[a-z0-9][a-z0-9-]{0,62}$': {
    names: 'box, camera, zone, device, key, model',
    chosenBy: 'site file, catalogue',
  },
  '^[a-z0-9][a-z0-9-]{7,39}$': { names: 'store epoch', chosenBy: 'box' },
  '^[a-z0-9][a-z0-9-]{0,62}/[a-z0-9][a-z0-9-]{7,39}/(alarm|door|health|telemetry)/[1-9][0-9]{0,15}$': {
    names: 'event',
    chosenBy: 'box',
  },
  '^urn:gatehouse:box:[a-z0-9][a-z0-9-]{0,62}$': { names: 'box', chosenBy: 'site file' },
  '^[0-9a-f]{64}$': { names: 'SHA-256', chosenBy: 'box' },
  '^[0-9a-f]{16}$': { names: 'digest of an event, start of sync-agent', chosenBy: 'box' },
  '^(person|bicycle|car|motorcycle|bus|truck|object)( (person|bicycle|car|motorcycle|bus|truck|object)){0,6}$':
    {
      names: 'classes that a rule counts',
      chosenBy: 'site file',
    },
};
const patternOf = (schema: Json) => String(schema.pattern).replaceAll('\\/', '/');
const known = (schema: z.ZodType) => patternOf(z.toJSONSchema(schema) as Json);

test('no field of any event holds free text: each is a word of a closed list, an identity, a time or a number', () => {
  const allowed = new Set([
    ...Object.keys(identities),
    ...[LoginName, MediaUrl, WireInstant, z.uuid()].map((schema) => known(schema)),
  ]);
  const loose: string[] = [];
  for (const type of Object.values(eventTypes)) {
    const event = WireEvent.extend({ type: z.literal(type), data: wireData[type] as z.ZodType });
    for (const { path, schema } of strings(z.toJSONSchema(event) as Json))
      if (!allowed.has(patternOf(schema))) loose.push(`${type} ${path} ${JSON.stringify(schema)}`);
  }
  assert.deepEqual(loose, []);
});

test('no object of any event takes a field that the schema does not name', () => {
  for (const type of Object.values(eventTypes)) {
    const event = WireEvent.extend({ type: z.literal(type), data: wireData[type] as z.ZodType });
    for (const { path, schema } of objects(z.toJSONSchema(event) as Json))
      assert.equal(schema.additionalProperties, false, `${type} ${path}`);
  }
});

test('no list of any event is without an end', () => {
  for (const type of Object.values(eventTypes))
    for (const { path, schema } of nodes(z.toJSONSchema(wireData[type] as z.ZodType) as Json, ''))
      if (schema.type === 'array') assert.ok(Number(schema.maxItems) <= 20, `${type} ${path}`);
});

const strings = (schema: Json) =>
  nodes(schema, '').filter(
    ({ schema: s }) => s.type === 'string' && s.enum === undefined && s.const === undefined,
  );
const objects = (schema: Json) => nodes(schema, '').filter(({ schema: s }) => s.type === 'object');

function nodes(value: unknown, path: string): { readonly path: string; readonly schema: Json }[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((one, i) => nodes(one, `${path}/${i}`));
  const below = Object.entries(value).flatMap(([key, one]) => nodes(one, `${path}/${key}`));
  return typeof (value as Json).type === 'string' ? [{ path, schema: value as Json }, ...below] : below;
}
