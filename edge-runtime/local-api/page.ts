import * as contracts from '@gatehouse/contracts';
import { type Answer, type LocalTable, localTables, type Route } from '@gatehouse/contracts';
import { localLimits } from '@gatehouse/kit';
import { z } from 'zod';

/** Written by `node edge-runtime/local-api/write-page.ts`; a test holds it against the tables. */
export const pagePath = 'edge-runtime/contracts/local/README.md';

const preface = `# Local APIs

<!-- Written by \`node edge-runtime/local-api/write-page.ts\` from the tables beside this page. Do not edit it by hand. -->

HTTP on Unix sockets, \`<run>/<service>/<caller>/api.sock\`. Each caller has a socket of its own in a directory that only its group can
enter, so a table is also a permission. Requests are checked by the table's schemas before a handler sees them, answers and events by the
client; a query is in brackets where it may be left out. An error is answered with \`{error: {code, message, remedy}}\` and a status of 4xx or 5xx.

A caller may have ${localLimits.streams} streams open (\`TOO_MANY_STREAMS\`). HEAD (\`METHOD_REFUSED\`) and paths with dot segments
(\`PATH_REFUSED\`) are refused everywhere. An event stream sends a comment every 15 s.
`;

/** The page of all local APIs, in markdown. */
export function localPage(): string {
  return `${[preface.trimEnd(), ...localTables.map(section), editor].join('\n\n')}\n`;
}

const editor = `## flows, for the editor

No table: below \`/flows\` it is Node-RED's editor, each call with a token of the console, and nothing else.`;

function section(table: LocalTable): string {
  const { service, caller, maxBodyBytes, routes } = table;
  const base = localTables.find((other) => other !== table && isPartOf(other, table));
  const own = Object.values(routes).filter((route) => !base || !Object.values(base.routes).includes(route));
  const more = base ? `All that ${base.caller} may ask, and what follows. ` : '';
  const rows = own.map(row);
  return [
    `## ${service}, for ${caller}`,
    '',
    `${more}Bodies of ${kib(maxBodyBytes)} at most, where a row says nothing else.`,
    '',
    '| route | takes | answers | what it is |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function isPartOf(part: LocalTable, whole: LocalTable): boolean {
  const routes = Object.values(whole.routes);
  return part.service === whole.service && Object.values(part.routes).every((one) => routes.includes(one));
}

function row(route: Route): string {
  const cells = [`\`${route.is}\``, takes(route), answers(route.answer), route.about];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function takes({ query, body, maxBodyBytes, refusal }: Route): string {
  const parts = [
    ...(query ? [`query ${queryNames(query)}`] : []),
    ...(body ? [body instanceof z.ZodType ? nameOf(body) : body.type] : []),
    ...(maxBodyBytes === undefined ? [] : [`${kib(maxBodyBytes)} at most`]),
    ...(query || body ? [`else ${refusal ?? 'REQUEST_INVALID'}`] : []),
  ];
  return parts.join(', ');
}

function answers(answer: Answer): string {
  if (answer.kind === 'none') return '204';
  if (answer.kind === 'json') return `${nameOf(answer.schema)}${answer.absent ? ', or 204' : ''}`;
  if (answer.kind === 'stream') return answer.type;
  if (answer.kind === 'bytes')
    return [answer.type, ...answer.headers.map((header) => `header ${header}`)].join(', ');
  const names = Object.entries(answer.events).map(([name, data]) => `\`${name}\` ${nameOf(data)}`);
  return `events: ${names.join(', ')}`;
}

function queryNames(query: z.ZodType): string {
  const { shape } = query as z.ZodObject;
  const isOptional = (value: unknown) => (value as z.ZodType).safeParse(undefined).success;
  return Object.entries(shape)
    .map(([name, value]) => (isOptional(value) ? `[\`${name}\`]` : `\`${name}\``))
    .join(' ');
}

/** Schemas by the name under which the contracts export them. */
const names = new Map<unknown, string>(
  Object.entries(contracts)
    .filter(([, value]) => value instanceof z.ZodType)
    .map(([name, value]) => [value, name]),
);

function nameOf(schema: z.ZodType): string {
  const name = names.get(schema);
  if (name !== undefined) return name;
  if (schema instanceof z.ZodArray) return `${nameOf(schema.element as z.ZodType)}[]`;
  if (schema instanceof z.ZodRecord) return `{[name]: ${nameOf(schema.valueType as z.ZodType)}}`;
  if (schema instanceof z.ZodNullable) return `${nameOf(schema.unwrap() as z.ZodType)} or null`;
  if (schema instanceof z.ZodOptional) return nameOf(schema.unwrap() as z.ZodType);
  if (!(schema instanceof z.ZodObject)) return schema.type;
  const fields = Object.entries(schema.shape).map(
    ([key, value]) => `${key}${value instanceof z.ZodOptional ? '?' : ''}: ${nameOf(value as z.ZodType)}`,
  );
  return `{${fields.join(', ')}}`;
}

function kib(bytes: number): string {
  return `${Math.round(bytes / 1024)} KiB`;
}
