import { parseArgs } from 'node:util';
import type { Language } from '@gatehouse/contracts';
import { errorOf, thereAre } from '@gatehouse/kit';

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
  readonly summary: string;
  run(args: readonly string[], output: Output): Promise<number>;
}

type Kind = 'string' | 'boolean';
type Values<T extends Record<string, Kind>> = { [K in keyof T]?: T[K] extends 'string' ? string : boolean };

/** Strict arguments: `options` by name and kind (`--json` always), and at most `positionals` words. */
export function readArgs<T extends Record<string, Kind>>(
  verb: string,
  args: readonly string[],
  options: T,
  positionals = 0,
): { values: Values<T> & { json?: boolean }; words: string[] } {
  const kinds = Object.entries({ ...options, json: 'boolean' as const });
  try {
    const parsed = parseArgs({
      args: [...args],
      allowPositionals: positionals > 0,
      options: Object.fromEntries(kinds.map(([name, type]) => [name, { type }])),
    });
    if (parsed.positionals.length > positionals)
      throw new Error(`"${parsed.positionals[positionals]}" is too much`);
    return { values: parsed.values as Values<T> & { json?: boolean }, words: parsed.positionals };
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split(/\. |\.?\n/)[0] ?? '') : String(cause);
    throw errorOf('USAGE', { problem: `${verb}: ${message}`, verb }, { cause });
  }
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
