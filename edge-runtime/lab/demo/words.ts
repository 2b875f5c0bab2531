import type { Language } from '@gatehouse/contracts';
import en from './locales/en.json' with { type: 'json' };
import zhCN from './locales/zh-CN.json' with { type: 'json' };

type Key = keyof typeof en;
type Values = Readonly<Record<string, string | number>>;

const texts: Readonly<Record<Language, typeof en>> = { 'zh-CN': zhCN, en };

/** A text of the demo with `{name}` replaced; a name without a value stays as it is. */
export function word(language: Language, key: Key, values: Values = {}): string {
  return texts[language][key].replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}

/** For a terminal whose reader is not known: Chinese first, then English. */
export function both(key: Key, values: Values = {}, between = ' · '): string {
  return `${word('zh-CN', key, values)}${between}${word('en', key, values)}`;
}

/** The name of a line, in both languages: `控制台 Console`. */
export function label(key: Key): string {
  return both(key, {}, ' ');
}
