import type { Language } from '@gatehouse/contracts';
import { filled, type Slots } from '@gatehouse/kit';

/** A text for people, in both languages. `{name}` stands for a value. */
export interface Text {
  readonly zh: string;
  readonly en: string;
}

/** The text itself; `never` if one language names a value that the other does not. */
export type Alike<T extends Text> = [Slots<T['zh']>, Slots<T['en']>] extends [Slots<T['en']>, Slots<T['zh']>]
  ? T
  : never;

type Values<T extends Text> = { readonly [Name in Slots<T['en']>]: string | number };
type Given<T extends Text> = [Slots<T['en']>] extends [never] ? [] : [values: Values<T>];
type Table = Readonly<Record<string, Text>>;

/**
 * The texts of one verb. The compiler checks that each has both languages and the same values in both.
 *
 * @returns gives a text by its key with its values in place
 */
export function texts<const T extends Table>(table: T & { readonly [Key in keyof T]: Alike<T[Key]> }) {
  const all: Table = table;
  return <Key extends keyof T & string>(language: Language, key: Key, ...[values]: Given<T[Key]>): string => {
    const found = all[key];
    return found ? filled(inLanguage(found, language), values ?? {}) : key;
  };
}

export function inLanguage({ zh, en }: Text, language: Language): string {
  return language === 'zh-CN' ? zh : en;
}

/** To so many columns of a terminal, where a Chinese character takes two. */
export function padded(text: string, columns: number): string {
  const wide = text.match(/[\u2e80-\u9fff\uff00-\uff60]/g)?.length ?? 0;
  return text.padEnd(columns - wide);
}
