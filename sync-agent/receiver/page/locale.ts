import { readFileSync } from 'node:fs';
import { type Language, languages, type TermGroup, term } from '@gatehouse/contracts';

type Dictionary = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** The texts of one language. */
export class Texts {
  readonly language: Language;
  readonly #texts: Dictionary;

  constructor(language: Language) {
    this.language = language;
    this.#texts = Texts.load(language);
  }

  /** All texts of a language, as its file has them. */
  static load(language: Language): Dictionary {
    return JSON.parse(readFileSync(new URL(`locales/${language}.json`, import.meta.url), 'utf8'));
  }

  /** A text of the page itself; one that is missing is a mistake of ours. */
  say(key: string): string {
    const text = this.#texts[key];
    if (typeof text !== 'string') throw new RangeError(`no text "${key}" in ${this.language}`);
    return text;
  }

  /** The word that the box's own screens have for a code too. */
  term(group: TermGroup, code: unknown): string {
    return term(this.language, group, code);
  }

  /** The word for a code that a box or a store wrote; a code of a newer one stands for itself. */
  word(group: string, code: unknown): string {
    const words = this.#texts[group];
    const found =
      typeof words === 'object' && Object.hasOwn(words, String(code)) ? words[String(code)] : undefined;
    return found ?? String(code);
  }
}

/** The asked language, otherwise the browser's, otherwise Chinese. */
export function chooseLanguage(asked: unknown, accepted: string | undefined): Language {
  const named = languages.find((language) => language === asked);
  if (named) return named;
  return accepted?.trim().toLowerCase().startsWith('en') ? 'en' : 'zh-CN';
}
