import { chosen, type Schema } from './form.ts';

/** Examples that say more than a value of the right type would, by key. */
const examples: Readonly<Record<string, string>> = {
  polygon: '[[0.1, 0.2], [0.5, 0.2], [0.5, 0.8]]',
  schedule: '[{ from: "22:00", to: "06:00" }]',
  hours: '[{ from: "22:00", to: "06:00" }]',
  from: '"22:00"',
  to: '"06:00"',
  holidays: '["2026-10-01"]',
  timezone: 'Asia/Shanghai',
  'zh-CN': '广场',
  en: 'Plaza',
  host: '192.168.1.20',
  file: 'camera-password',
  env: 'CAMERA_PASSWORD',
  path: '/dev/serial/by-id/usb-adapter',
  profile: 'waveshare-modbus-rtu-relay-8ch',
  topicPrefix: 'gatehouse',
  username: 'admin',
  publicKey: 'MCowBQYDK2VwAyEA…',
};
const byPattern: readonly (readonly [start: string, example: string])[] = [
  ['^rtsps?', 'rtsp://192.168.1.64:554/Streaming/Channels/101'],
  ['^(mqtts?', 'mqtts://platform.example:8883'],
  ['^https?', 'https://media.example/pictures'],
  ['^[a-z0-9]', 'east-gate'],
];

/** A value that the schema takes, in one line of YAML. */
export function exampleOf(schema: Schema, key: string): string {
  const known = examples[key];
  if (known !== undefined && schema.type !== 'integer' && schema.type !== 'number') return known;
  const [member] = (schema.oneOf ?? schema.anyOf ?? []).filter(({ const: value }) => value !== false);
  if (member) return exampleOf(chosen(member, undefined), key);
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return String(schema.enum[0]);
  if (schema.type === 'boolean') return 'true';
  if (schema.type === 'array') return `[${exampleOf(schema.items ?? {}, '')}]`;
  if (schema.type === 'object') return sectionExample(schema);
  if (schema.type === 'integer' || schema.type === 'number') return String(schema.minimum ?? 1);
  return byPattern.find(([start]) => schema.pattern?.startsWith(start))?.[1] ?? 'text';
}

function sectionExample({ properties = {}, required = [] }: Schema): string {
  const pairs = required.map((name) => `${name}: ${exampleOf(properties[name] ?? {}, name)}`);
  return pairs.length > 0 ? `{ ${pairs.join(', ')} }` : '{}';
}
