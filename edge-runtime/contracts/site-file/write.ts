/** Values as YAML, written as a person writes a site file; nothing here reads one. */

/** Lists and sections that a person writes in one line, by their key. */
const inOneLine = ['name', 'polygon', 'classes', 'days', 'schedule', 'hours', 'night', 'perClass'];

/** Words that YAML 1.1 or 1.2 takes for something else than a text. */
const notText = /^(?:~|null|true|false|yes|no|on|off|y|n|[-+.]?(?:\d|inf|nan).*)$/i;
/**
 * A text that needs no quotes anywhere: letters of any script, digits, and signs that begin or end nothing.
 */
const plainText = /^[\p{L}_](?:[\p{L}\p{N} _./-]*[\p{L}\p{N}_./-])?$/u;

export type Style = 'yaml' | 'json';

/** A value in one line. */
export function inline(value: unknown, style: Style): string {
  if (style === 'json') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((one) => inline(one, style)).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const pairs = entriesOf(value).map(([key, one]) => `${scalar(key)}: ${inline(one, style)}`);
    return pairs.length > 0 ? `{ ${pairs.join(', ')} }` : '{}';
  }
  return scalar(value);
}

/**
 * One scalar; a text in double quotes where it could be taken for something else (JSON's escapes are YAML's,
 * too).
 */
export function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value ?? null);
  return plainText.test(value) && !notText.test(value) ? value : JSON.stringify(value);
}

/**
 * A pair of a block section, without the line's indentation. Further lines are indented to stand below
 * `indent` spaces.
 */
export function pairLines(key: string, value: unknown, indent: number): string[] {
  if (isInline(key, value)) return [`${scalar(key)}: ${inline(value, 'yaml')}`];
  const inner = indent + 2;
  const lines = Array.isArray(value) ? listLines(value, inner) : sectionLines(value, inner);
  return [`${scalar(key)}:`, ...lines.map((line, i) => (i === 0 ? ' '.repeat(inner) + line : line))];
}

/** The items of a block list; the first line without its indentation, which is `indent` spaces. */
export function listLines(items: readonly unknown[], indent: number): string[] {
  const lines = items.flatMap((item) => itemLines(item, indent));
  return lines.map((line, i) => (i === 0 ? line.slice(indent) : line));
}

/** One item of a block list, its lines whole. */
export function itemLines(item: unknown, indent: number): string[] {
  const margin = ' '.repeat(indent);
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return [`${margin}- ${inline(item, 'yaml')}`];
  const [first = '{}', ...rest] = sectionLines(item, indent + 2);
  return [`${margin}- ${first}`, ...rest];
}

/** The pairs of a block section; the first line without its indentation. */
export function sectionLines(value: unknown, indent: number): string[] {
  const lines = entriesOf(value).flatMap(([key, one]) => {
    const [first = '', ...rest] = pairLines(key, one, indent);
    return [' '.repeat(indent) + first, ...rest];
  });
  return lines.map((line, i) => (i === 0 ? line.slice(indent) : line));
}

function isInline(key: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || inOneLine.includes(key)) return true;
  return Array.isArray(value) ? value.length === 0 : entriesOf(value).length === 0;
}

/** Keys whose value is undefined are left out. */
function entriesOf(value: unknown): [string, unknown][] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).filter(([, one]) => one !== undefined);
}
