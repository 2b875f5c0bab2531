import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TermGroup, terms } from '@gatehouse/contracts';
import { root } from './source-tree.ts';

/** Texts that users see: `zh-CN` and `en` of one locale file, or one page. */
export interface TextFile {
  readonly path: string;
  readonly text: string;
}

type Tree = { readonly [key: string]: string | Tree };

/**
 * Groups whose codes are unlike any other word: a key of that name is a second translation, whatever it says.
 */
const telling: readonly TermGroup[] = ['kind', 'handling', 'role', 'false-alarm-reason', 'device-condition'];
/** Codes of these groups that are common words: `allowed` may be a key for something else. */
const common = new Set(['new', 'other', 'camera', 'passing', 'allowed', 'forced', 'crowd', 'emergency']);

const groups = Object.keys(terms.en) as TermGroup[];
const tellingCodes = new Set(
  telling.flatMap((group) => Object.keys(terms.en[group])).filter((code) => !common.has(code)),
);

/**
 * Every text that users see. The words for codes themselves and the palette's copies are left out; they have
 * a test of their own.
 */
export function textFiles(): TextFile[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed
    .split('\0')
    .filter((path) => /\/locales\/.*\.(json|html)$/.test(path))
    .filter((path) => !path.startsWith('edge-runtime/contracts/locales/'))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
}

/** One line for each place that translates a code once more. */
export function secondTranslations({ path, text }: TextFile): string[] {
  if (path.endsWith('.html')) return wrongInHelp(path, text);
  if (path.startsWith('flows/nodes/')) return [];
  const language = /\/zh-CN(\.|\/)/.test(path) ? 'zh-CN' : 'en';
  return [...leaves(JSON.parse(text))].flatMap(([key, value]) => {
    // It reads the word from the terms.
    if (/\$t\([\w.-]+\)/.test(value)) return [];
    const leaf = key.split('.').at(-1) ?? '';
    if (tellingCodes.has(leaf)) return [`${path}: ${key} translates the code ${leaf}`];
    const same = groups.find((group) => {
      const words: Readonly<Record<string, string>> = terms[language][group];
      return Object.hasOwn(words, leaf) && words[leaf]?.toLowerCase() === value.toLowerCase();
    });
    return same ? [`${path}: ${key} repeats ${same}.${leaf}`] : [];
  });
}

/** A help page names a code with its word behind it: `<code>illegal-parking</code>（违停）`. */
function wrongInHelp(path: string, text: string): string[] {
  const named = [...text.matchAll(/<code>([a-z-]+)<\/code>（([^）]*)）/g)];
  return named.flatMap(([, code = '', word = '']) => {
    const words: readonly string[] = telling.flatMap((group) => {
      const all: Readonly<Record<string, string>> = terms['zh-CN'][group];
      return Object.hasOwn(all, code) ? [all[code] ?? ''] : [];
    });
    return words.length === 0 || words.includes(word) ? [] : [`${path}: calls ${code} ${word}`];
  });
}

/** One line for each literal in code that is a word for a code: `'违停'`, `>Illegal parking<`. */
export function literalWords({ path, text }: TextFile): string[] {
  const words = telling.flatMap((group) => [
    ...Object.values(terms['zh-CN'][group]),
    ...Object.values(terms.en[group]).filter((word) => /\s/.test(word)),
  ]);
  return [...text.matchAll(/(['"`>])([^'"`<>\n]{2,40})(?=['"`<])/g)]
    .map(([, , literal = '']) => literal.trim())
    .filter((literal) => words.includes(literal))
    .map((literal) => `${path}: writes out "${literal}"`);
}

/** Chinese words that the glossary gives up, with the term that stands for them. */
export function givenUp(): ReadonlyMap<string, string> {
  const glossary = readFileSync(join(root, 'edge-runtime/contracts/GLOSSARY.md'), 'utf8');
  const rows = glossary.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  return new Map(
    rows
      .filter((cells) => cells.length === 6)
      .flatMap(([, term = '', , , not = '']) =>
        [...not.matchAll(/[\u4e00-\u9fff]+/g)].map(([word]) => [word, term] as const),
      ),
  );
}

/** One line for each word in a text that the glossary gives up. */
export function wordsGivenUp({ path, text }: TextFile, words = givenUp()): string[] {
  return [...words]
    .filter(([word]) => text.includes(word))
    .map(([word, term]) => `${path}: says ${word}; the glossary has another word for "${term}"`);
}

function* leaves(tree: Tree, prefix = ''): Generator<readonly [key: string, value: string]> {
  for (const [key, value] of Object.entries(tree))
    if (typeof value === 'string') yield [prefix + key, value];
    else yield* leaves(value, `${prefix}${key}.`);
}
