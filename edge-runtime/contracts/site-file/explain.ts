import { nearest } from '@gatehouse/kit';
import { parse } from 'yaml';
import type { z } from 'zod';
import { exampleOf } from './example.ts';
import type { SiteFault, SiteFaultValue } from './fault.ts';
import { chosen, type Form, formOf, type NamedForm, type Schema, schemaAt, unitOf, valueAt } from './form.ts';
import { inPlain } from './full-width.ts';
import type { Shape } from './shape.ts';
import { inline } from './write.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/**
 * The mistake where data does not fit its schema: the found and the expected form as the schema has it, never
 * zod's own words.
 */
export function explainIssue(issue: Issue, data: unknown, shape: Shape, below: Path = []): SiteFault[] {
  const path = [...below, ...issue.path];
  const special = shape.special?.(issue, valueAt(path, data));
  if (special) return special.map((fault) => ({ ...fault, path: [...below, ...fault.path] }));
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => unknownKey([...path, key], key, data, shape));
  const place = new Place(path, data, shape);
  if (issue.code === 'custom') return [custom(issue, place)];
  if (issue.code === 'invalid_union') {
    if ('options' in issue && Array.isArray(issue.options))
      return [unknownKind(place, issue.options.map(String))];
    const inner = issueOfMember(issue, path, data);
    if (inner.length > 0) return inner.flatMap((one) => explainIssue(one, data, shape, path));
  }
  return [explainValue(issue, place)];
}

/** A wrong value with all that is known of its place. */
class Place {
  readonly path: Path;
  readonly data: unknown;
  readonly value: unknown;
  readonly key: string;
  readonly schema: Schema;
  readonly expected: Form;
  readonly #style: Shape['style'];
  constructor(path: Path, data: unknown, shape: Shape) {
    this.path = path;
    this.data = data;
    this.value = valueAt(path, data);
    this.key = String(path.findLast((part) => typeof part === 'string') ?? '');
    this.schema = schemaAt(shape.schema(), path, data) ?? {};
    this.#style = shape.style;
    this.expected = formOf(this.schema, this.key);
  }
  get example(): string {
    return exampleOf(chosen(this.schema, this.value), this.key);
  }
  /** Key and example as they stand in the file: `name: { … }`, or `- …` in a list. */
  get written(): string {
    return this.writtenAs(this.example);
  }
  /** The same of a value in YAML. */
  writtenAs(value: string): string {
    const last = this.path.at(-1);
    if (this.#style === 'json') {
      const json = inline(parse(value), 'json');
      return typeof last === 'number' ? json : `"${String(last)}": ${json}`;
    }
    return typeof last === 'number' ? `- ${value}` : `${String(last)}: ${value}`;
  }
  fault(code: SiteFault['code'], values: Readonly<Record<string, SiteFaultValue>> = {}): SiteFault {
    return { path: this.path, code, values: { expected: this.expected, ...values } };
  }
}

function explainValue(issue: Issue, place: Place): SiteFault {
  const { value, expected } = place;
  if (place.path.length === 0) return value === null ? place.fault('file-empty') : place.fault('not-a-site');
  if (value === undefined) return place.fault('missing', { key: lastKey(place), written: place.written });
  // A text in place of a reference to a secret may be the secret.
  if (isSecret(place.key) && typeof value !== 'object')
    return place.fault('secret-in-file', { key: place.key });
  if (value === null) return place.fault('empty', { key: lastKey(place), written: place.written });
  return (
    ofText(place) ??
    ofRange(issue, place) ??
    (expected.is === 'choice' ? choice(place, expected.of) : undefined) ??
    (expected.is === 'named' && typeof value === 'string' ? named(place, expected.name) : undefined) ??
    place.fault('type', { found: shown(value), written: place.written })
  );
}

/** Values that look right to a person and are texts to YAML: `"30"`, `１０`, `off`. */
function ofText(place: Place): SiteFault | undefined {
  const { value, expected } = place;
  if (typeof value !== 'string') return undefined;
  const plain = inPlain(value);
  const words = (plain ?? value).trim();
  const wantsNumber = expected.is === 'number' || expected.is === 'integer' || isChoiceOfNumbers(expected);
  if (wantsNumber && /^[-+]?\d[\d_]*(\.\d+)?$/.test(words))
    return plain === undefined && !words.includes('_')
      ? place.fault('number-in-quotes', { found: value, number: words })
      : place.fault('number-written-otherwise', { found: value, number: words.replaceAll('_', '') });
  const meant = { on: 'true', yes: 'true', true: 'true', off: 'false', no: 'false', false: 'false' };
  const truth = Object.entries(meant).find(([word]) => word === words.toLowerCase())?.[1];
  if (truth !== undefined && takes(expected, truth))
    return place.fault('yes-no-word', { found: value, meant: truth });
  if (plain !== undefined && (expected.is === 'named' || expected.is === 'choice'))
    return place.fault('full-width-value', { found: value, plain });
  return undefined;
}

function isChoiceOfNumbers(expected: Form): boolean {
  return expected.is === 'choice' && expected.of.every((one) => typeof one === 'number');
}

function takes(expected: Form, truth: string): boolean {
  if (expected.is === 'either') return expected.of.some((one) => takes(one, truth));
  return expected.is === 'yes-no' || (expected.is === 'fixed' && expected.value === truth);
}

/** Too many, too few, too long, too much. */
function ofRange(issue: Issue, place: Place): SiteFault | undefined {
  const { value, path } = place;
  if (issue.code !== 'too_small' && issue.code !== 'too_big') return undefined;
  const few = issue.code === 'too_small';
  if (typeof value === 'string')
    return few || value.trim() === ''
      ? place.fault('blank', { written: place.written })
      : place.fault('too-long', {
          length: [...value].length,
          max: Number('maximum' in issue ? issue.maximum : 0),
        });
  if (Array.isArray(value)) {
    const bound = 'minimum' in issue ? issue.minimum : issue.maximum;
    return place.fault(few ? 'too-few' : 'too-many', {
      count: value.length,
      bound: Number(bound),
      written: place.written,
    });
  }
  if (path.includes('polygon') && !few) return place.fault('pixels', { found: String(value) });
  return place.fault('out-of-range', { found: String(value) });
}

function choice(place: Place, of: readonly (string | number)[]): SiteFault {
  const found = typeof place.value === 'object' ? shown(place.value) : String(place.value);
  const numbers = of.filter((one) => typeof one === 'number');
  const meant =
    numbers.length === of.length && typeof place.value === 'number'
      ? String(closestNumber(place.value, numbers))
      : nearest(found, of.map(String));
  return meant === undefined
    ? place.fault('choice', { found })
    : place.fault('choice-meant', { found, meant });
}

function closestNumber(value: number, numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => Math.abs(a - value) - Math.abs(b - value))[0] ?? value;
}

/** Which of several sections is meant is said by their "kind". */
function unknownKind(place: Place, of: readonly string[]): SiteFault {
  const { value: found, path } = place;
  const expected: Form = { is: 'choice', of };
  if (found === undefined) {
    const values = { key: String(path.at(-1)), expected, written: place.writtenAs(of[0] ?? '') };
    return { path, code: 'missing', values };
  }
  const meant = nearest(String(found), of);
  const values = { found: shown(found).replaceAll('"', ''), expected, meant };
  return { path, code: meant === undefined ? 'choice' : 'choice-meant', values };
}

/** A text of a form of its own. Addresses are never shown where they might hold a password. */
function named(place: Place, name: NamedForm): SiteFault | undefined {
  const text = String(place.value);
  if (name.endsWith('-url')) return address(place, text);
  if (name === 'id') return place.fault('id', { found: text.slice(0, 60) });
  if (name === 'time-zone') return place.fault('time-zone', { found: text.slice(0, 60) });
  // A sign that ends a line must not end the line of the problem.
  const found = text.slice(0, 60).replaceAll(/\p{Cc}/gu, (sign) => JSON.stringify(sign).slice(1, -1));
  return place.fault('form', { found, written: place.written });
}

function address(place: Place, text: string): SiteFault {
  if (text.includes('@')) return place.fault('url-credentials', { place: text.slice(0, text.indexOf(':')) });
  const found = text.slice(0, 120);
  if (!/^[a-z][a-z0-9+.-]*:\/\//.test(text))
    return place.fault('url-scheme', { found, written: place.written });
  if (!place.expected || /^[a-z0-9+.-]+:\/\/(?:[:/]|$)/.test(text))
    return place.fault('url-host', { found, written: place.written });
  return place.fault('url-scheme', { found, written: place.written });
}

/** Refinements of the schema carry the name of their fault and the values that its words name. */
function custom(issue: Issue, place: Place): SiteFault {
  const params = 'params' in issue ? issue.params : undefined;
  const code = typeof params === 'object' && params !== null ? Reflect.get(params, 'fault') : undefined;
  const values = typeof params === 'object' && params !== null ? Reflect.get(params, 'values') : undefined;
  if (code === 'time-zone') return place.fault('time-zone', { found: String(place.value).slice(0, 60) });
  return place.fault(code ?? 'other', { said: issue.message, written: place.written, ...values });
}

function unknownKey(path: Path, key: string, data: unknown, shape: Shape): SiteFault {
  const section = schemaAt(shape.schema(), path.slice(0, -1), data);
  const form = section && formOf(chosen(section, valueAt(path.slice(0, -1), data)), '');
  const known = form?.is === 'section' ? form.keys : [];
  const meant = nearest(key, known);
  if (meant === undefined) return { path, code: 'unknown-key', values: { key, known } };
  const unit = unitOf(meant);
  if (unit === undefined || unit === unitOf(key))
    return { path, code: 'unknown-key-meant', values: { key, meant } };
  return { path, code: 'unknown-key-unit', values: { key, meant, unit: { is: 'number', unit } } };
}

/** The issues of the member of a union that the data chose, if it can be told which: by its type. */
function issueOfMember(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  data: unknown,
): readonly Issue[] {
  const value = valueAt(path, data);
  if (typeof value !== 'object' || value === null) return [];
  const members = issue.errors.filter((errors) =>
    errors.every((one) => !(one.code === 'invalid_type' && one.path.length === 0)),
  );
  const fewest = members.toSorted((a, b) => a.length - b.length)[0];
  return fewest?.every(({ path: inner, code }) => inner.length > 0 || code === 'unrecognized_keys')
    ? fewest
    : [];
}

function isSecret(key: string): boolean {
  return ['password', 'token', 'signingSecret', 'ca', 'cert', 'key'].includes(key);
}

function lastKey({ path }: Place): string {
  const last = path.at(-1);
  return typeof last === 'number' ? `[${last}]` : String(last);
}

/** The value at the place, short: a text in quotes, a list or section by its kind. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
