import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import asyncApiSpecs from '@asyncapi/specs';
import { eventTypes, WireEvent } from '@gatehouse/contracts';
import { Ajv } from 'ajv';
import { eventFault, faultBy, publishedFile, publishedTypes } from '../../test/support/published.ts';
import { asyncApiDocument, fileText, publishedSchemas } from '../published.ts';

const folder = new URL('../', import.meta.url);
const examples = readdirSync(new URL('examples/', folder)).map((name) => publishedFile(`examples/${name}`));
const [sample] = examples.filter((example) => example.type === eventTypes.incident);

test('the committed files are what the contracts say; node sync-agent/schemas/generate.ts writes them', () => {
  for (const file of [...publishedSchemas(), asyncApiDocument()])
    assert.equal(readFileSync(new URL(file.name, folder), 'utf8'), fileText(file), file.name);
});

test('every published type is one that the box sends, and the other way round', () => {
  assert.deepEqual([...publishedTypes].sort(), Object.values(eventTypes).sort());
});

test('every published type has an example, and each holds by ajv and by the contracts', () => {
  const types = new Set(examples.map((example) => example.type));
  assert.deepEqual([...types].sort(), [...publishedTypes].sort());
  for (const example of examples) {
    assert.equal(eventFault(example), undefined);
    assert.ok(WireEvent.safeParse(example).success, String(example.type));
  }
});

test('the published schemas notice what an event must not be', () => {
  assert.ok(sample);
  const data = sample.data as Record<string, unknown>;
  const wrong: readonly Record<string, unknown>[] = [
    { ...sample, face: 'x' },
    { ...sample, data: { ...data, face: 'x' } },
    { ...sample, time: 'yesterday' },
    { ...sample, time: '2026-02-30T00:00:00Z' },
    { ...sample, sequence: 0 },
    { ...sample, source: 'urn:other' },
    { ...sample, eventclass: 'other' },
    { ...sample, type: 'gatehouse.other.v1' },
    { ...sample, data: { ...data, id: 'not-a-uuid' } },
    { ...sample, data: { ...data, phase: 'gone' } },
    { ...sample, data: { ...data, priority: 4 } },
    { ...sample, data: {} },
  ];
  for (const event of wrong) assert.notEqual(eventFault(event), undefined, JSON.stringify(event));
  const { id: _, ...nameless } = sample;
  assert.match(eventFault(nameless) ?? '', /'id'/);
});

test('the acknowledgement and the webhook answer hold by their schemas', () => {
  const ack = { boxid: 'box-1', epoch: '5f0c2a9e41d7', eventclass: 'alarm', upTo: 17 };
  assert.equal(faultBy('acknowledgement.v1', ack), undefined);
  assert.equal(faultBy('webhook-answer.v1', { acks: [ack] }), undefined);
  assert.notEqual(faultBy('acknowledgement.v1', { ...ack, upTo: -1 }), undefined);
  assert.notEqual(faultBy('webhook-answer.v1', { acks: [{ ...ack, extra: 1 }] }), undefined);
});

test('the AsyncAPI document holds by the AsyncAPI initiative’s own schema, and its references lead to files', () => {
  // AsyncAPI's own schemas carry their own copy of draft-07, and formats of their own.
  const ajv = new Ajv({ strict: false, validateFormats: false, meta: false, validateSchema: false });
  const schema: object = asyncApiSpecs.schemas['3.0.0'];
  const validate = ajv.compile(schema);
  const document = publishedFile('asyncapi.json');
  assert.ok(validate(document), ajv.errorsText(validate.errors));
  assert.equal(validate({ ...document, asyncapi: '9.0.0' }), false);
  const { channels: _, ...rest } = document;
  assert.equal(validate({ ...rest, channels: { events: { address: 1 } } }), false);
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"(\.\/[^"]+)"/g)].map(
    ([, to]) => to ?? '',
  );
  assert.equal(references.length, publishedTypes.length + 3);
  for (const to of references) assert.ok(readFileSync(new URL(to, folder)));
});
