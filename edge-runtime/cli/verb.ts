import { parseArgs } from 'node:util';
import type { Language } from '@gatehouse/contracts';
import { errorOf, thereAre } from '@gatehouse/kit';
import type { Text } from './texts.ts';

/** The place where a verb writes; tests collect it. */
export interface Output {
  readonly language: Language;
  /** One line for people on stdout, or a JSON line with `--json`. */
  line(text: string): void;
  /** One line for people on stderr, beside the result. */
  note(text: string): void;
}

/** One command of `gatehouse`. Returns the exit code; throws `GatehouseError` for a one-line failure. */
export interface Verb {
  readonly usage: string;
  readonly summary: Text;
  run(args: readonly string[], output: Output): Promise<number>;
}

type Kind = 'string' | 'boolean';
type Values<T extends Record<string, Kind>> = { [K in keyof T]?: T[K] extends 'string' ? string : boolean };

/**
 * Strict arguments: `options` by name and kind (`--json` always), and at most `positionals` words. Throws
 * `USAGE`. It does not use the strict mode of `parseArgs`, whose errors are English sentences alone.
 */
export function readArgs<T extends Record<string, Kind>>(
  verb: string,
  args: readonly string[],
  options: T,
  positionals = 0,
): { values: Values<T> & { json?: boolean }; words: string[] } {
  const kinds: Readonly<Record<string, Kind>> = { ...options, json: 'boolean' };
  const parsed = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(Object.entries(kinds).map(([name, type]) => [name, { type }])),
  });
  for (const token of parsed.tokens)
    if (token.kind === 'option')
      checkOption(verb, token, Object.hasOwn(kinds, token.name) && kinds[token.name]);
  const word = parsed.positionals[positionals];
  if (word !== undefined) throw errorOf('USAGE/surplus', { verb, word });
  return { values: parsed.values as Values<T> & { json?: boolean }, words: parsed.positionals };
}

interface OptionToken {
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function checkOption(
  verb: string,
  { rawName, value, inlineValue }: OptionToken,
  kind: Kind | false = false,
): void {
  const option = { verb, option: rawName };
  if (!kind) throw errorOf('USAGE/option', option);
  if (kind === 'boolean') {
    if (value !== undefined) throw errorOf('USAGE/value', option);
    return;
  }
  if (value === undefined) throw errorOf('USAGE/no-value', option);
  if (!inlineValue && value.startsWith('-') && value.length > 1)
    throw errorOf('USAGE/ambiguous', { ...option, value });
}

/** One of a fixed choice of words. Throws `USAGE`, with the words, the most likely one first. */
export function oneOf<Word extends string>(
  verb: string,
  option: string,
  value: string,
  words: readonly Word[],
): Word {
  const found = words.find((word) => word === value);
  if (found !== undefined) return found;
  throw errorOf('USAGE/word', { verb, option, value, known: thereAre(value, words) });
}

/** The value of an option that must be given. */
export function required(value: string | undefined, verb: string, name: string): string {
  if (value === undefined) throw errorOf('USAGE/missing', { verb, name });
  return value;
}
