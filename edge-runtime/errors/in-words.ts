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
  .filter(hasAllValues);

/** Message and remedy may each have values that the other has in the other language. */
function hasAllValues([zh, en]: Phrases[number]): boolean {
  return slotsOf(zh).every((name) => slotsOf(en).includes(name));
}

/** A text may fit several forms: the one with the most fixed words comes first. */
function bySharpness(some: Phrases): Phrases {
  return some.toSorted(([, a], [, b]) => fixedPart(b).length - fixedPart(a).length);
}
const everything = bySharpness([...phrases, ...ofHealth, ...sentences]);

function valueInWords(text: string, known: Phrases = everything): string {
  const [, code = ''] = /^([A-Z][A-Z0-9_]+): ./s.exec(text) ?? [];
  const whole = wholeForms(code);
  const inChinese = (values: Values) => told(values, known);
  return (
    (text.endsWith(cutMark) ? cutInWords(text, [whole, known], inChinese) : undefined) ??
    inPhrase(text, whole, inChinese) ??
    inPhrase(text, messageForms(code), inChinese) ??
    inPhrase(text, known, inChinese) ??
    text
  );
}

/** Lines that begin with this code: of errors, with the remedy, and of health. */
function wholeForms(code: string): Phrases {
  const ofErrors = rowsOf(code).map(
    ({ zh, en }) => [`${code}：${zh.join('')}`, `${code}: ${en.join(' ').trimEnd()}`] as const,
  );
  return bySharpness([...ofErrors, ...ofHealth.filter(([, en]) => en.startsWith(`${code}: `))]);
}

/** The same of errors without the remedy. */
function messageForms(code: string): Phrases {
  const forms = rowsOf(code).map(({ zh, en }) => [`${code}：${zh[0]}`, `${code}: ${en[0]}`] as const);
  return forms.filter(hasAllValues);
}

/** Fewer characters of a form do not show that a cut text has it. */
const leastFixed = 8;

/**
 * A text that was cut, by the form of which most was found in it; the first forms that fit count. Where
 * several may be meant, it is told as far as they say the same.
 */
function cutInWords(
  text: string,
  forms: readonly Phrases[],
  inChinese: (values: Values) => Values,
): string | undefined {
  const front = text.slice(0, -cutMark.length);
  for (const some of forms) {
    const fits = some.flatMap(([zh, en]) => {
      const found = readCut(en, front);
      return found && found.fixed >= leastFixed ? [{ zh, ...found }] : [];
    });
    const most = Math.max(...fits.map(({ fixed }) => fixed));
    const ways = fits.filter(({ fixed }) => fixed === most);
    if (ways.length > 0) return sameFront(ways.map(({ zh, values }) => filled(zh, inChinese(values))));
  }
  return undefined;
}

/** The common beginning of all texts; undefined where it says nothing in Chinese. */
function sameFront([first = '', ...others]: readonly string[]): string | undefined {
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
