import { type Language, terms } from '@gatehouse/contracts/terms';
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import en from '../locales/en.json' with { type: 'json' };
import zhCN from '../locales/zh-CN.json' with { type: 'json' };

export { type Language, languages } from '@gatehouse/contracts/terms';

/** The pages' own texts beside the words for codes, which stand in the contracts once for all. */
const texts = { 'zh-CN': { ...terms['zh-CN'], ...zhCN }, en: { ...terms.en, ...en } };

/** The page's language as a value of its type. */
export function languageOf(language: string): Language {
  return language === 'en' ? 'en' : 'zh-CN';
}

/** Chinese unless the user has switched. */
export async function startI18n(language: Language): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { 'zh-CN': { translation: texts['zh-CN'] }, en: { translation: texts.en } },
    lng: language,
    fallbackLng: 'zh-CN',
    // React escapes what it renders.
    interpolation: { escapeValue: false },
  });
}

/** A site's own name for a thing, in the page's language. */
export function localName(name: Readonly<Record<string, string>> | undefined, language: string): string {
  return name?.[language] ?? name?.['zh-CN'] ?? Object.values(name ?? {})[0] ?? '';
}
