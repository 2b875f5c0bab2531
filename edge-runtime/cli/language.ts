import type { Language } from '@gatehouse/contracts';
import { errorOf } from '@gatehouse/kit';

/**
 * The language in which a verb speaks to people where it has words in both. `--lang` decides, wherever it
 * stands; else the shell's language does (POSIX: LC_ALL before LC_MESSAGES before LANG). Chinese for any
 * Chinese locale, else English. Throws `USAGE`.
 */
export function takeLanguage(
  argv: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): { readonly args: readonly string[]; readonly language: Language } {
  const at = argv.findIndex((arg) => arg === '--lang' || arg.startsWith('--lang='));
  if (at < 0) return { args: argv, language: shellLanguage(env) };
  const [name = '', inline] = (argv[at] ?? '').split('=');
  const asked = inline ?? argv[at + 1] ?? '';
  if (!isChinese(asked) && !/^en/i.test(asked))
    throw errorOf('USAGE/language', { option: name, asked, verb: '' });
  const args = argv.toSpliced(at, inline === undefined ? 2 : 1);
  return { args, language: isChinese(asked) ? 'zh-CN' : 'en' };
}

/** The language of the shell. */
export function shellLanguage(env: NodeJS.ProcessEnv = process.env): Language {
  return isChinese(env.LC_ALL || env.LC_MESSAGES || env.LANG || '') ? 'zh-CN' : 'en';
}

function isChinese(name: string): boolean {
  return /^zh/i.test(name);
}
