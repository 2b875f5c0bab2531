import { slot, slotsOf } from './row.ts';

/** Values by name, as they stand in a text. */
export type Values = Readonly<Record<string, string>>;

/** Ends a text that was cut to a length. */
export const cutMark = '…';

/** The values that stand in a text of this form; undefined where the text has another form. */
export function read(form: string, text: string): Values | undefined {
  const found = patternOf(form).exec(text);
  return found ? (found.groups ?? {}) : undefined;
}

/**
 * The values that stand in the front of a text of this form, of which `text` is all that is left. The last of
 * them may be cut, and the rest is not known: both end in "…". `fixed` counts the form's own characters that
 * were found.
 */
export function readCut(form: string, text: string): { values: Values; fixed: number } | undefined {
  const [first = '', ...rest] = form.split(slot);
  const unknown = Object.fromEntries(slotsOf(form).map((name) => [name, cutMark]));
  if (first.startsWith(text)) return { values: unknown, fixed: text.length };
  // From the back: the more of the form is found, the better.
  for (let at = rest.length - 2; at >= 0; at -= 2) {
    const [name = '', next = ''] = rest.slice(at);
    const before = [first, ...rest.slice(0, at)];
    const front = before.map((part, index) => (index % 2 === 0 ? part : `{${part}}`)).join('');
    const found = patternOf(front, `(?<${tail}>.*)`).exec(text);
    if (!found) continue;
    const { [tail]: last = '', ...groups } = found.groups ?? {};
    const begun = commonPart(last, next);
    const fixed = before.filter((_, index) => index % 2 === 0).join('').length + begun;
    const value = begun > 0 ? last.slice(0, -begun) : `${last}${cutMark}`;
    return { values: { ...unknown, [name]: value, ...groups }, fixed };
  }
  return undefined;
}

/** No slot is called so: a slot has no underscore. */
const tail = 'cut_';

/** Length of the end of `text` with which `next` begins. */
function commonPart(text: string, next: string): number {
  let length = Math.min(text.length, next.length);
  while (!text.endsWith(next.slice(0, length))) length--;
  return length;
}

const patterns = new Map<string, RegExp>();

/** As little as possible for each value; one that stands twice is the same both times. */
function patternOf(form: string, end = ''): RegExp {
  const known = patterns.get(form + end);
  if (known) return known;
  const seen = new Set<string>();
  const parts = form.split(slot).map((part, at) => {
    if (at % 2 === 0) return escaped(part);
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>.*?)`;
  });
  const pattern = new RegExp(`^${parts.join('')}${end}$`, 's');
  patterns.set(form + end, pattern);
  return pattern;
}

/** `RegExp.escape` is missing in browsers of before 2025. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
