import { fixedPart, rowsOf } from './error-of.ts';
import { phrases } from './phrases.ts';
import { filled, type Phrases, type Row, slot, slotsOf, type Words } from './row.ts';
import { errorTable } from './table.ts';

export type ErrorLanguage = 'zh-CN' | 'en';

interface Told {
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/**
 * Message and remedy of an error in a person's language. Errors travel, and are stored, in English: the
 * values are read back out of the English text by the row's template. So a service's text can be told in
 * Chinese, also from its health, from a record of last week, or through a process in between. A text that no
 * row fits stays as it is.
 */
export function inWords({ code, message, remedy }: Told, language: ErrorLanguage): Words {
  if (language === 'en') return [message, remedy];
  for (const { en, zh } of rowsOf(code)) {
    const values = read(en[0], message);
    const more = values && read(en[1], remedy);
    if (more) return fill(zh, { ...values, ...more });
  }
  return [valueInWords(message), valueInWords(remedy)];
}

/**
 * A line of `describeError`, or a phrase, in a person's language. `more` are phrases of the program that made
 * the line.
 */
export function lineInWords(line: string, language: ErrorLanguage, more: Phrases = []): string {
  return language === 'en' ? line : valueInWords(line, bySharpness([...more, ...everything]));
}

/** Messages and remedies by themselves: a check of `doctor` has one without the other. */
const sentences: Phrases = Object.values<Row>(errorTable)
  .flatMap(
    ({ zh, en }): Phrases => [
      [zh[0], en[0]],
      [zh[1], en[1]],
    ],
  )
  .filter(([, en]) => /[A-Za-z]/.test(fixedPart(en)))
  .filter(([zh, en]) => slotsOf(zh).every((name) => slotsOf(en).includes(name)));

/** A text may fit several forms: the one with the most fixed words comes first. */
function bySharpness(some: Phrases): Phrases {
  return some.toSorted(([, a], [, b]) => fixedPart(b).length - fixedPart(a).length);
}
const everything = bySharpness([...phrases, ...sentences]);

function valueInWords(text: string, known: Phrases = everything): string {
  const [, code = '', rest = ''] = /^([A-Z][A-Z0-9_]+): (.+)$/s.exec(text) ?? [];
  for (const { en, zh } of rowsOf(code)) {
    const both = read(`${en[0]} ${en[1]}`.trimEnd(), rest);
    if (both) return `${code}：${fill(zh, both, known).join('')}`;
  }
  // Only then without the remedy: the last value of a message would swallow the remedy of another row.
  for (const { en, zh } of rowsOf(code)) {
    const message = read(en[0], rest);
    if (message) return `${code}：${fill([zh[0], ''], message, known)[0]}`;
  }
  for (const [zh, en] of known) {
    const values = read(en, text);
    if (values) return filled(zh, told(values, known));
  }
  return text;
}

function fill([message, remedy]: Words, values: Readonly<Record<string, string>>, known?: Phrases): Words {
  const inChinese = told(values, known);
  return [filled(message, inChinese), filled(remedy, inChinese)];
}

function told(values: Readonly<Record<string, string>>, known?: Phrases): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, valueInWords(value, known)]),
  );
}

const forms = new Map<string, RegExp>();

/** The values that stand in a text of this form; undefined where the text has another form. */
function read(form: string, text: string): Readonly<Record<string, string>> | undefined {
  const pattern = forms.get(form) ?? patternOf(form);
  forms.set(form, pattern);
  const found = pattern.exec(text);
  return found ? (found.groups ?? {}) : undefined;
}

/** As little as possible for each value; one that stands twice is the same both times. */
function patternOf(form: string): RegExp {
  const seen = new Set<string>();
  const parts = form.split(slot).map((part, at) => {
    if (at % 2 === 0) return escaped(part);
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>.*?)`;
  });
  return new RegExp(`^${parts.join('')}$`, 's');
}

/** `RegExp.escape` is missing in browsers of before 2025. */
function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
