import type { Language } from '../said.ts';
import { type Key, plainPath } from './sections.ts';
import words from './words.json' with { type: 'json' };

type Words = { readonly 'zh-CN': string; readonly en?: string };
/**
 * The words of each key: Chinese in `words.json`, English there or in the schema's `describe`. A path may
 * leave out the kind of a rule or bus, and `permissions.*` stands for each origin; the most exact path
 * counts.
 */
export const wordsByPath: ReadonlyMap<string, Words> = new Map(Object.entries<Words>(words));

/** The path under which a key has its words. */
export function wordsPath({ path }: Pick<Key, 'path'>): string | undefined {
  const plain = plainPath(path);
  const ofEachOrigin = plain.replace(/^permissions\.[a-z]+\./, 'permissions.*.');
  return [path, plain, ofEachOrigin].find((one) => wordsByPath.has(one));
}

/** The meaning of a key; `undefined` if nobody has written it. */
export function meaningOf(key: Key, language: Language): string | undefined {
  const own = wordsByPath.get(wordsPath(key) ?? '');
  return own?.[language] ?? (language === 'en' ? key.schema.description : undefined);
}
