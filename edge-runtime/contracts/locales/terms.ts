import en from './en.json' with { type: 'json' };
import zhCN from './zh-CN.json' with { type: 'json' };

/** The languages of the product; Chinese is the default. */
export const languages = ['zh-CN', 'en'] as const;
export type Language = (typeof languages)[number];

/**
 * The words that people read for codes of the contracts, a group for each enumeration. They stand here only,
 * so that the console, the flow editor, the platform's page and the terminal call one thing by one name.
 * GLOSSARY.md gives the reason for each word. This file imports no schema: the console's pages bundle it.
 */
export type Terms = typeof en;
export type TermGroup = keyof Terms;

export const terms: Readonly<Record<Language, Terms>> = { 'zh-CN': zhCN, en };

/** The word for a code. A code that a newer box sends stands for itself. */
export function term(language: Language, group: TermGroup, code: unknown): string {
  const words: Readonly<Record<string, string>> = terms[language][group];
  const key = String(code);
  return Object.hasOwn(words, key) ? (words[key] ?? key) : key;
}
