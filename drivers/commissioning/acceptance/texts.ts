import type { Language } from '@gatehouse/contracts';
import en from '../locales/en.json' with { type: 'json' };
import zhCN from '../locales/zh-CN.json' with { type: 'json' };

export { type Language, languages } from '@gatehouse/contracts';

const all: Readonly<Record<Language, Readonly<Record<string, Readonly<Record<string, string>>>>>> = {
  'zh-CN': zhCN,
  en,
};

/**
 * A text by `group.key` with its values in place; a key that there is not, such as a code nobody foresaw, is
 * shown as it is.
 */
export function text(
  language: Language,
  key: string,
  values: Readonly<Record<string, string | number>> = {},
): string {
  const dot = key.indexOf('.');
  const found = all[language][key.slice(0, dot)]?.[key.slice(dot + 1)] ?? key.slice(dot + 1);
  return found.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name] ?? ''));
}
