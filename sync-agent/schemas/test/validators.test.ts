import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Schema, validator } from '@exodus/schemasafe';
import {
  type EventType,
  eventTypes,
  PlatformCommand,
  PlatformDesired,
  SignedEnvelope,
  WireAck,
  WireEvent,
  wireData,
} from '@gatehouse/contracts';
import fc from 'fast-check';
import { z } from 'zod';
import { boxEvent } from '../../simulators/box-events.ts';
import { comms, incident } from '../../test/support/events.ts';
import { faultBy, publishedFile } from '../../test/support/published.ts';
import { WebhookAnswer } from '../../webhook/answer.ts';
import { arbitraryOf, mutationsOf } from './schema-values.ts';

const folder = fileURLToPath(new URL('../', import.meta.url));

/** Each published schema beside the contract that it was made of. */
const contracts: Readonly<Record<string, z.ZodType>> = {
  'envelope.v1': WireEvent,
  ...Object.fromEntries(
    Object.values(eventTypes).map((type) => [
      type,
      WireEvent.extend({ type: z.literal(type), data: wireData[type] as z.ZodType }),
    ]),
  ),
  'acknowledgement.v1': WireAck,
  'webhook-answer.v1': WebhookAnswer,
  'signed-envelope.v1': SignedEnvelope,
  'command-payload.v1': PlatformCommand,
};
/**
 * A schema cannot say that a zone does not cross itself. So it accepts every value that the contract accepts,
 * and some more.
 */
const necessary = 'desired-payload.v1';

interface Asked {
  readonly schema: string;
  readonly value: unknown;
}

const examples = readdirSync(new URL('../examples/', import.meta.url)).map((name) => {
  const value = publishedFile(`examples/${name}`);
  return { schema: String(value.type), value };
});
const ack = { boxid: 'box-1', epoch: '5f0c2a9e41d7', eventclass: 'alarm', upTo: 17 };
const others: readonly Asked[] = [
  { schema: 'acknowledgement.v1', value: ack },
  { schema: 'webhook-answer.v1', value: { acks: [ack], more: 1 } },
  {
    schema: 'signed-envelope.v1',
    value: {
      payloadType: 'a/b',
      payload: 'YWJj',
      signatures: [{ keyid: 'city-1', sig: `${'A'.repeat(86)}==` }],
    },
  },
  {
    schema: 'command-payload.v1',
    value: {
      specversion: '1.0',
      id: '6d1f3a52-9a1e-4d53-8f5e-0c5f6a8f9d10',
      source: 'urn:city',
      type: 'gatehouse.command.v1',
      time: '2026-11-26T04:00:00Z',
      boxid: 'demo-box',
      expirytime: '2026-11-26T04:00:10Z',
      data: { device: 'main-barrier', action: 'open', user: '李 𠮷', reason: 'visitor' },
    },
  },
];

const desired: Asked = {
  schema: necessary,
  value: {
    specversion: '1.0',
    id: '6d1f3a52-9a1e-4d53-8f5e-0c5f6a8f9d10',
    source: 'urn:city',
    type: 'gatehouse.desired.v1',
    time: '2026-11-26T04:00:00Z',
    boxid: 'demo-box',
    data: {
      version: 12,
      user: '李',
      parts: {
        zones: {
          'east-lane': [
            {
              id: 'fire-lane',
              name: { 'zh-CN': '消防通道', en: 'Fire lane' },
              polygon: [
                [0.1, 0.5],
                [0.9, 0.5],
                [0.9, 1],
              ],
              rules: [{ kind: 'illegal-parking', violationAfterS: 60 }],
            },
          ],
        },
        flows: [{ id: 'a1', type: 'tab', label: '值班' }],
      },
    },
  },
};

/** Events as tests and simulators of this package make them. */
function madeBySuite(): Asked[] {
  const of = (type: EventType, data: unknown) => ({
    ...examples.find((e) => e.schema === type)?.value,
    data,
  });
  return [
    { schema: eventTypes.incident, value: of(eventTypes.incident, incident(1)) },
    { schema: eventTypes.comms, value: of(eventTypes.comms, comms('gate')) },
    ...(['alarm', 'door'] as const).map((eventclass) => {
      const stream = { box: 'box-00001', epoch: 'epoch-1-00001', eventclass, sequence: 3, settled: 2 };
      const value = JSON.parse(boxEvent(stream));
      return { schema: String(value.type), value };
    }),
  ];
}

const seed = 92;
const contractOf = (schema: string) => (schema === necessary ? PlatformDesired : contracts[schema]);
let asked: Asked[] = [];

before(() => {
  const sound = [...examples, ...others, ...madeBySuite()];
  const made = Object.keys(contracts).flatMap((schema) =>
    fc
      .sample(arbitraryOf(publishedFile(`${schema}.json`)), { seed, numRuns: 60 })
      .map((value) => ({ schema, value })),
  );
  const mutated = [...sound, ...made.filter((_, i) => i % 10 === 0)].flatMap(({ schema, value }) =>
    mutationsOf(value, seed).map((one) => ({ schema, value: one })),
  );
  const all = [
    desired,
    ...sound,
    ...made,
    ...mutated,
    ...sound.map(({ value }) => ({ schema: 'envelope.v1', value })),
  ];
  // Only JSON can be sent, so every value is judged as it comes out of a parser.
  asked = all.map(({ schema, value }) => ({ schema, value: JSON.parse(JSON.stringify(value)) }));
});

/** The verdicts that differ from the contracts', with their values. */
function differing(judge: (asked: Asked, index: number) => boolean): string[] {
  return asked.flatMap((one, index) => {
    const expected = contractOf(one.schema)?.safeParse(one.value).success;
    return judge(one, index) === expected ? [] : [`${one.schema} ${expected} ${JSON.stringify(one.value)}`];
  });
}

test('the values to judge are many, and of both kinds for each schema', () => {
  for (const [schema, contract] of Object.entries(contracts)) {
    const verdicts = asked
      .filter((one) => one.schema === schema)
      .map(({ value }) => contract.safeParse(value).success);
    const sound = verdicts.filter(Boolean).length;
    assert.ok(sound >= 10 && verdicts.length - sound >= 50, `${schema}: ${sound} of ${verdicts.length}`);
  }
});

test('ajv comes to the contracts’ verdict on each', () => {
  assert.deepEqual(
    differing(({ schema, value }) => faultBy(schema, value) === undefined),
    [],
  );
});

test('schemasafe, which shares no code with ajv, comes to the contracts’ verdict on each', () => {
  const validators = new Map<string, (value: unknown) => boolean>();
  const judge = ({ schema, value }: Asked) => {
    const known =
      validators.get(schema) ??
      (validator(publishedFile(`${schema}.json`) as Schema, { isJSON: true }) as (value: unknown) => boolean);
    validators.set(schema, known);
    return known(value);
  };
  assert.deepEqual(differing(judge), []);
});

test('Python’s jsonschema comes to the contracts’ verdict on each', () => {
  const input = asked.map((one) => JSON.stringify(one)).join('\n');
  const script = fileURLToPath(new URL('verdicts.py', import.meta.url));
  const { stdout, stderr, status } = spawnSync('python3', [script, folder], {
    input: `${input}\n`,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  assert.equal(status, 0, `${stderr}\napt-get install python3-jsonschema`);
  const verdicts = stdout.trim().split('\n');
  assert.equal(verdicts.length, asked.length);
  assert.deepEqual(
    differing((_, index) => verdicts[index] === 'true'),
    [],
  );
});

test('patterns hold nothing that engines of regular expressions read in different ways', () => {
  const odd: string[] = [];
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.json')))
    JSON.parse(JSON.stringify(publishedFile(name)), (key, value) => {
      if (key === 'pattern' && typeof value === 'string' && !isPortable(value)) odd.push(`${name} ${value}`);
      return value;
    });
  assert.deepEqual(odd, []);
  for (const pattern of ['\\d', '\\w+', '\\p{L}', '(?=a)', '(?<n>a)', '\\u4e00', 'a\\/b', '.', '\\s', '\\bx'])
    assert.equal(isPortable(pattern), false, pattern);
});

/**
 * Letters, classes, groups without names, `?*+{}`, `^$|`, and of escapes `\.` `\-` `\]` `\n` `\r` and `\xHH`.
 */
function isPortable(pattern: string): boolean {
  const plain = pattern.replaceAll(/\\(?:[.\-\]nr]|x[0-9a-f]{2})/g, 'x').replaceAll('(?:', '(');
  const outside = plain.replaceAll(/\[\^?(?:\\.|[^\]])+\]/g, 'x');
  return !/\\|\(\?|\./.test(outside) && !/\\/.test(plain);
}
