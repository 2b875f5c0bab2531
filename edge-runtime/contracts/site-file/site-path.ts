import { GatehouseError } from '@gatehouse/kit';
import en from './locales/en.json' with { type: 'json' };
import zhCN from './locales/zh-CN.json' with { type: 'json' };
import type { Language } from './said.ts';

const texts: Readonly<Record<Language, readonly string[]>> = { en: en.notSet, 'zh-CN': zhCN.notSet };

/**
 * The site file that GATEHOUSE_SITE names: there is no default, so that no service runs on another file.
 * Throws `SITE_NOT_SET`.
 */
export function siteFileSet(env: NodeJS.ProcessEnv = process.env, language: Language = 'en'): string {
  if (env.GATEHOUSE_SITE) return env.GATEHOUSE_SITE;
  throw siteNotSet(language);
}

/** The error of a service or a command that was given no site file. */
export function siteNotSet(language: Language): GatehouseError {
  const [message = '', remedy = ''] = texts[language];
  return new GatehouseError('SITE_NOT_SET', 'input', message, remedy);
}
