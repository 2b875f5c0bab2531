import type { Language } from '@gatehouse/contracts';
import { describeError, GatehouseError, lineInWords } from '@gatehouse/kit';
import { doctorPhrases } from './phrases.ts';

/** One line of `doctor`. `remedy` is given with anything but ok. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  readonly remedy?: string;
}

export const ok = (name: string, detail: string): Check => ({ name, status: 'ok', detail });
export const warn = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: 'warn',
  detail,
  remedy,
});
export const fail = (name: string, detail: string, remedy: string): Check => ({
  name,
  status: 'fail',
  detail,
  remedy,
});

/** A failure that an error explains: its own remedy where it has one. */
export function failed(name: string, error: unknown, remedy: string): Check {
  if (error instanceof GatehouseError) return fail(name, `${error.code}: ${error.message}`, error.remedy);
  return fail(name, describeError(error), remedy);
}

const statusWords = { ok: '正常', warn: '注意', fail: '故障' } as const;

/** A check as one line for a person. */
export function checkLine({ name, status, detail, remedy }: Check, language: Language): string {
  if (language === 'en') return `${status.padEnd(5)}${name}: ${detail}${remedy ? `  → ${remedy}` : ''}`;
  const [inWords, what, todo = ''] = [name, detail, remedy].map(
    (text) => text && lineInWords(text, language, doctorPhrases),
  );
  return `${statusWords[status]} ${inWords}：${what}${todo ? `  → ${todo}` : ''}`;
}
