import type { Fault } from './gatehouse-error.ts';

/** The mistake and the remedy; `{name}` stands for a value. */
export type Words = readonly [message: string, remedy: string];

/** One row of the error table. Both languages have the same values. */
export interface Row {
  readonly fault: Fault;
  /** HTTP status (RFC 9110, section 15), where it does not follow from whose fault it is. */
  readonly status?: number;
  readonly zh: Words;
  readonly en: Words;
}

/**
 * Rows of one part of the product. A key is a code, or `CODE/case` where one code has several texts. The type
 * keeps the English words, because the values that an error takes are read out of them.
 */
export function rows<const T extends Readonly<Record<string, Row>>>(table: T): T {
  return table;
}

/** The names of the values in a text: `'{a} of {b}'` -> `'a' | 'b'`. */
export type Slots<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Slots<Rest>
  : never;

/** `CODE/case` -> `CODE`. */
export type CodeOf<Key extends string> = Key extends `${infer Code}/${string}` ? Code : Key;

export function codeOf(key: string): string {
  return key.split('/', 1)[0] ?? key;
}

export const slot = /\{([A-Za-z0-9]+)\}/g;

/** The names of the values in a text, in the order in which they stand. */
export function slotsOf(text: string): string[] {
  return [...text.matchAll(slot)].map(([, name = '']) => name);
}

/** A text with its values in their places. */
export function filled(text: string, values: Readonly<Record<string, unknown>>): string {
  return text.replaceAll(slot, (_all, name: string) => String(values[name]));
}

/** Parts of sentences in both languages. */
export type Phrases = readonly (readonly [zh: string, en: string])[];

/** A whole line of health in both languages, with the same values. */
export interface Line {
  readonly zh: string;
  readonly en: string;
}

/** Lines by key; the type keeps the English words, as that of `rows` does. */
export function lines<const T extends Readonly<Record<string, Line>>>(table: T): T {
  return table;
}
