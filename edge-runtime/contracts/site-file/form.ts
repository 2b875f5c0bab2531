import { uplinkUrl } from '../site/sinks.ts';

/** The forms that may stand at a place of the site file. */
export type Form =
  | {
      readonly is: 'number' | 'integer';
      readonly min?: number | undefined;
      readonly max?: number | undefined;
      readonly unit?: Unit | undefined;
    }
  | { readonly is: 'text'; readonly max?: number | undefined }
  | { readonly is: 'named'; readonly name: NamedForm }
  | { readonly is: 'choice'; readonly of: readonly (string | number)[] }
  | { readonly is: 'fixed'; readonly value: string }
  | { readonly is: 'yes-no' }
  | { readonly is: 'list'; readonly min?: number | undefined; readonly max?: number | undefined }
  | { readonly is: 'section'; readonly keys: readonly string[] }
  | { readonly is: 'either'; readonly of: readonly Form[] };

export type Unit = 's' | 'ms' | 'GiB' | 'MiB' | 'px' | 'kbit/s' | 'min' | 'd';

/** Forms of texts and lists that have words of their own, by the pattern in the schema. */
const patterns = {
  '^[a-z0-9][a-z0-9-]{0,62}$': 'id',
  '^rtsps?:\\/\\/[^@\\s]+$': 'rtsp-url',
  [uplinkUrl.source]: 'uplink-url',
  '^https?:\\/\\/[A-Za-z0-9.:[\\]-]{1,100}(\\/[A-Za-z0-9._~-]{1,40}){0,6}$': 'media-url',
  '^[a-z0-9-]+(\\/[a-z0-9-]+)*$': 'topic',
  '^[A-Z][A-Z0-9_]*$': 'variable',
  '^(?:[01]\\d|2[0-3]):[0-5]\\d$|^24:00$': 'time-of-day',
  '^[A-Za-z0-9+/]{43}=$': 'public-key',
  '^\\/.*': 'device-path',
  '^(\\[[0-9a-f:.]+\\]|[a-z0-9_.-]{1,253})(:\\d{1,5})?$': 'host-port',
  '^(?!.*\\d$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$': 'host-name',
  '^([0-9a-f]{2}:?){31}[0-9a-f]{2}$': 'fingerprint',
  '^\\P{Cc}*$': 'one-line',
} as const;
export type NamedForm =
  | (typeof patterns)[keyof typeof patterns]
  | 'date'
  | 'time-zone'
  | 'host'
  | 'url'
  | 'point'
  | 'polygon';

/** As much of JSON Schema as zod writes for a site. */
export interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

/**
 * The schema at a path below `whole`. Where several forms are possible, `data` chooses one: by its `kind` or
 * `by`, else by its type.
 */
export function schemaAt(whole: Schema, path: readonly PropertyKey[], data: unknown): Schema | undefined {
  let schema: Schema | undefined = whole;
  let value = data;
  for (const part of path) {
    schema = schema && chosen(schema, value);
    if (typeof part === 'number') schema = schema?.prefixItems?.[part] ?? schema?.items;
    else {
      const more = schema?.additionalProperties;
      schema = schema?.properties?.[String(part)] ?? (typeof more === 'object' ? more : undefined);
    }
    value = valueAt([part], value);
  }
  return schema;
}

/** Keys by which one of several sections is chosen. */
const discriminators = ['kind', 'by'];
const kindOf = (properties: Readonly<Record<string, Schema>>) =>
  discriminators.find((key) => properties[key]?.const !== undefined);

/** One of a union's members. */
export function chosen(schema: Schema, value: unknown): Schema {
  const members = schema.oneOf ?? schema.anyOf;
  if (!members) return schema;
  const type = Array.isArray(value) ? 'array' : typeof value;
  const isOf = ({ properties }: Schema, key: string) => {
    const kind = valueAt([key], value);
    return kind !== undefined && properties?.[key]?.const === kind;
  };
  return (
    members.find((member) => discriminators.some((key) => isOf(member, key))) ??
    members.find(({ type: own, properties = {} }) => own === type && kindOf(properties) === undefined) ??
    schema
  );
}

export function valueAt(path: readonly PropertyKey[], data: unknown): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      typeof value === 'object' && value !== null && part in value ? Reflect.get(value, part) : undefined,
    data,
  );
}

/** The form that a schema asks for; `key` says in which unit a number is. */
export function formOf(schema: Schema, key: string): Form {
  const members = schema.anyOf ?? schema.oneOf;
  if (members) return formOfUnion(members, key);
  if (schema.enum) return { is: 'choice', of: schema.enum };
  if (schema.const !== undefined) return { is: 'fixed', value: String(schema.const) };
  const { type, minimum, exclusiveMinimum, maximum } = schema;
  if (type === 'boolean') return { is: 'yes-no' };
  if (type === 'number' || type === 'integer')
    return { is: type, min: minimum ?? exclusiveMinimum, max: maximum, unit: unitOf(key) };
  if (type === 'array') return formOfList(schema, key);
  if (type === 'object') {
    const { properties = {}, required = [] } = schema;
    const names = schema.propertyNames?.enum?.map(String) ?? Object.keys(properties);
    const optional = names.filter((name) => !required.includes(name));
    return { is: 'section', keys: [...required, ...optional] };
  }
  return formOfText(schema, key);
}

function formOfUnion(members: readonly Schema[], key: string): Form {
  const values = members.map((member) => member.const);
  if (values.every((value) => typeof value === 'string' || typeof value === 'number'))
    return { is: 'choice', of: values };
  const [first] = members;
  const kind = kindOf(first?.properties ?? {});
  if (
    kind !== undefined &&
    members.every(({ properties }) => typeof properties?.[kind]?.const === 'string')
  ) {
    const common = (name: string) => members.every(({ properties = {} }) => name in properties);
    return {
      is: 'section',
      keys: [kind, ...(first?.required ?? []).filter((one) => one !== kind && common(one))],
    };
  }
  return { is: 'either', of: members.map((member) => formOf(member, key)) };
}

function formOfList({ prefixItems, items, minItems, maxItems }: Schema, key: string): Form {
  if (prefixItems) return { is: 'named', name: 'point' };
  if (items?.prefixItems && key === 'polygon') return { is: 'named', name: 'polygon' };
  return { is: 'list', min: minItems, max: maxItems };
}

function formOfText({ pattern, format, maxLength }: Schema, key: string): Form {
  if (format === 'date') return { is: 'named', name: 'date' };
  if (format === 'uri') return { is: 'named', name: 'url' };
  if (key === 'timezone') return { is: 'named', name: 'time-zone' };
  if (key === 'host') return { is: 'named', name: 'host' };
  const name = Object.entries(patterns).find(([known]) => known === pattern)?.[1];
  return name ? { is: 'named', name } : { is: 'text', max: maxLength };
}

/** The names of numbers end in their unit. */
const units: readonly (readonly [end: RegExp, unit: Unit])[] = [
  [/(?:[a-z]S|^seconds)$/, 's'],
  [/Ms$/, 'ms'],
  [/GiB$/, 'GiB'],
  [/Px$/, 'px'],
  [/Kbps$/, 'kbit/s'],
  [/Minutes$/, 'min'],
];

/** Keys whose unit stands in the section around them. */
const unitsByKey: Readonly<Record<string, Unit>> = {
  megabytes: 'MiB',
  alarm: 'MiB',
  door: 'MiB',
  health: 'MiB',
  telemetry: 'MiB',
  alarms: 'd',
  logs: 'd',
  transfers: 'd',
};

export function unitOf(key: string): Unit | undefined {
  return unitsByKey[key] ?? units.find(([end]) => end.test(key))?.[1];
}
