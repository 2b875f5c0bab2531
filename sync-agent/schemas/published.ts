import {
  EventClass,
  eventTypes,
  PlatformCommand,
  PlatformDesired,
  SignedEnvelope,
  topics,
  WireAck,
  WireEvent,
  wireData,
} from '@gatehouse/contracts';
import { z } from 'zod';
import { WebhookAnswer } from '../webhook/answer.ts';

/** A published file: its name below `sync-agent/schemas/` and its JSON. */
export interface PublishedFile {
  readonly name: string;
  readonly json: Record<string, unknown>;
}

const identifier = (name: string) => `urn:gatehouse:schema:${name}`;

/** The schema of the sent form: a field with a default may be left out. */
function schemaFile(name: string, title: string, schema: z.ZodType): PublishedFile {
  const { $schema, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  const json = JSON.parse(JSON.stringify(rest), portable);
  return { name: `${name}.json`, json: { $schema, $id: identifier(name), title, ...json } };
}

/**
 * Makes a schema mean the same to every validator. A regular expression of JavaScript does not by itself:
 * `\d` is any digit of Unicode in Python, `$` is met before a last line break there, and Go and Rust do not
 * know `\/` or look-ahead.
 */
function portable(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('pattern' in value)) return value;
  if (typeof value.pattern !== 'string') return value;
  const pattern = value.pattern.replaceAll('\\d', '[0-9]').replaceAll('\\/', '/');
  return { ...value, pattern, not: { pattern: '[\\n\\r]' } };
}

/**
 * JSON Schema 2020-12 of the uplink's messages: the envelope, every event type, and the platform's answers.
 */
export function publishedSchemas(): PublishedFile[] {
  return [
    schemaFile('envelope.v1', 'What every event has; "data" is the type\'s own', WireEvent),
    ...Object.values(eventTypes).map((type) =>
      schemaFile(
        type,
        `Event ${type}`,
        WireEvent.extend({ type: z.literal(type), data: wireData[type] as z.ZodType }),
      ),
    ),
    schemaFile('acknowledgement.v1', 'What the platform has in its database', WireAck),
    schemaFile('signed-envelope.v1', 'A signed message to a box (DSSE)', SignedEnvelope),
    schemaFile('command-payload.v1', 'Payload of a signed command', PlatformCommand),
    schemaFile('desired-payload.v1', 'Payload of a signed desired state', PlatformDesired),
    schemaFile(
      'webhook-answer.v1',
      'What a webhook answers with: one acknowledgement a class',
      WebhookAnswer,
    ),
  ];
}

/** The AsyncAPI 3.0.0 document of the topics below the default prefix. */
export function asyncApiDocument(): PublishedFile {
  const types = Object.values(eventTypes);
  const box = { box: { description: 'Id of the box, "box.id" in its site file' } };
  const reference = (name: string) => ({ $ref: `./${name}.json` });
  return {
    name: 'asyncapi.json',
    json: {
      asyncapi: '3.0.0',
      info: {
        title: 'Gatehouse uplink',
        version: '1.0.0',
        description:
          'What a Gatehouse box sends to the city platform over MQTT 5 or 3.1.1, and how the platform acknowledges it. QoS 1; only the desired state is retained.',
        license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
      },
      defaultContentType: 'application/json',
      channels: {
        events: {
          address: topics.events('gatehouse', '{box}', '{class}' as EventClass),
          description: 'CloudEvents 1.0, structured mode. One sequence a class.',
          parameters: {
            ...box,
            class: {
              enum: EventClass.options,
              description: 'Class of the event, the highest priority first',
            },
          },
          messages: Object.fromEntries(
            types.map((type) => [type, { $ref: `#/components/messages/${type}` }]),
          ),
        },
        acks: {
          address: topics.acks('gatehouse', '{box}'),
          description: 'Published by the platform alone, after its commit.',
          parameters: box,
          messages: { acknowledgement: { $ref: '#/components/messages/acknowledgement' } },
        },
        commands: {
          address: topics.commands('gatehouse', '{box}'),
          description:
            'Published by the platform alone, signed; the payload inside the envelope is command-payload.v1.json.',
          parameters: box,
          messages: { command: { $ref: '#/components/messages/command' } },
        },
        desired: {
          address: topics.desired('gatehouse', '{box}'),
          description:
            'Published by the platform alone, signed and retained; the payload inside the envelope is desired-payload.v1.json.',
          parameters: box,
          messages: { desired: { $ref: '#/components/messages/desired' } },
        },
      },
      operations: {
        sendEvent: {
          action: 'send',
          channel: { $ref: '#/channels/events' },
          summary: 'The box sends an event until it is acknowledged.',
          bindings: { mqtt: { qos: 1, retain: false, bindingVersion: '0.2.0' } },
        },
        receiveCommand: {
          action: 'receive',
          channel: { $ref: '#/channels/commands' },
          summary:
            'The box moves a device, or refuses, and says so as an event. Nothing waits for an outage.',
          bindings: { mqtt: { qos: 1, retain: false, bindingVersion: '0.2.0' } },
        },
        receiveDesired: {
          action: 'receive',
          channel: { $ref: '#/channels/desired' },
          summary:
            'The box puts the newest version into force when it is quiet, takes it back if it is worse off with it, and says so as events.',
          bindings: { mqtt: { qos: 1, retain: true, bindingVersion: '0.2.0' } },
        },
        receiveAcknowledgement: {
          action: 'receive',
          channel: { $ref: '#/channels/acks' },
          summary: 'The box deletes what the platform has committed.',
          bindings: { mqtt: { qos: 1, retain: false, bindingVersion: '0.2.0' } },
        },
      },
      components: {
        messages: {
          ...Object.fromEntries(
            types.map((type) => [
              type,
              {
                name: type,
                contentType: 'application/cloudevents+json',
                payload: {
                  schemaFormat: 'application/schema+json;version=draft-2020-12',
                  schema: reference(type),
                },
              },
            ]),
          ),
          command: {
            name: 'command',
            contentType: 'application/json',
            payload: {
              schemaFormat: 'application/schema+json;version=draft-2020-12',
              schema: reference('signed-envelope.v1'),
            },
          },
          desired: {
            name: 'desired',
            contentType: 'application/json',
            payload: {
              schemaFormat: 'application/schema+json;version=draft-2020-12',
              schema: reference('signed-envelope.v1'),
            },
          },
          acknowledgement: {
            name: 'acknowledgement',
            contentType: 'application/json',
            payload: {
              schemaFormat: 'application/schema+json;version=draft-2020-12',
              schema: reference('acknowledgement.v1'),
            },
          },
        },
      },
    },
  };
}

/** A published file's text, as it is committed. */
export function fileText({ json }: PublishedFile): string {
  return `${JSON.stringify(json, undefined, 2)}\n`;
}
