import { fixedPart, rowsOf } from './error-of.ts';
import { healthLines } from './health-line.ts';
import { listNames, phrases, valuePhrases } from './phrases.ts';
import { cutMark, read, readCut, type Values } from './read-back.ts';
import { filled, type Line, type Phrases, type Row, slotsOf, type Words } from './row.ts';
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
 * A line of `describeError` or of health, or a phrase, in a person's language. `more` are phrases of the
 * program that made the line. A line that was cut, and ends in "…", is told with "…" in the place of what it
 * lacks.
 */
export function lineInWords(line: string, language: ErrorLanguage, more: Phrases = []): string {
  if (language === 'en') return line;
  return valueInWords(line, more.length > 0 ? bySharpness([...more, ...everything]) : everything);
}

const ofHealth: Phrases = Object.values<Line>(healthLines).map(({ zh, en }) => [zh, en]);

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
const everything = bySharpness([...phrases, ...ofHealth, ...sentences]);

function valueInWords(text: string, known: Phrases = everything): string {
  const [, code = '', rest = ''] = /^([A-Z][A-Z0-9_]+): (.+)$/s.exec(text) ?? [];
  const cut = text.endsWith(cutMark) ? cutInWords(text.slice(0, -cutMark.length), code, known) : undefined;
  if (cut !== undefined) return cut;
  for (const { en, zh } of rowsOf(code)) {
    const both = read(`${en[0]} ${en[1]}`.trimEnd(), rest);
    if (both) return `${code}：${fill(zh, both, known).join('')}`;
    const message = read(en[0], rest);
    if (message) return `${code}：${fill([zh[0], ''], message, known)[0]}`;
  }
  return inPhrase(text, known, (values) => told(values, known)) ?? text;
}

/** Fewer characters of a form do not show that a cut text has it. */
const leastFixed = 8;

/**
 * The front of a text, by the form of which most was found in it. Where several may be meant, it is told as
 * far as they say the same.
 */
function cutInWords(front: string, code: string, known: Phrases): string | undefined {
  const ofCode: Phrases = rowsOf(code).map(({ zh, en }) => [
    `${code}：${zh.join('')}`,
    `${code}: ${en.join(' ').trimEnd()}`,
  ]);
  const fits = [...ofCode, ...known].flatMap(([zh, en]) => {
    const found = readCut(en, front);
    return found && found.fixed >= leastFixed ? [{ zh, ...found }] : [];
  });
  const most = Math.max(...fits.map(({ fixed }) => fixed));
  const ways = fits.filter(({ fixed }) => fixed === most);
  return sameFront(ways.map(({ zh, values }) => filled(zh, told(values, known))));
}

/** The common beginning of all texts; undefined where it says nothing in Chinese. */
function sameFront([first, ...others]: readonly string[]): string | undefined {
  if (first === undefined) return undefined;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  if (length === first.length) return first;
  return /\p{Script=Han}/u.test(first.slice(0, length)) ? `${first.slice(0, length)}${cutMark}` : undefined;
}

function fill([message, remedy]: Words, values: Values, known?: Phrases): Words {
  const inChinese = told(values, known);
  return [filled(message, inChinese), filled(remedy, inChinese)];
}

function told(values: Values, known?: Phrases): Values {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, namedInWords(name, value, known)]),
  );
}

function namedInWords(name: string, value: string, known?: Phrases): string {
  const own = valuePhrases[name];
  if (!own) return valueInWords(value, known);
  const parts = listNames.has(name) ? value.split(', ') : [value];
  return parts.map((part) => inPhrase(part, own) ?? part).join('、');
}

function inPhrase(
  text: string,
  known: Phrases,
  inChinese: (values: Values) => Values = (values) => values,
): string | undefined {
  for (const [zh, en] of known) {
    const values = read(en, text);
    if (values) return filled(zh, inChinese(values));
  }
  return undefined;
}
