import type { Language } from '../locales/terms.ts';
import { offeredUrls } from '../site/sinks.ts';
import type { SiteFault, SiteFaultValue } from './fault.ts';
import type { Form } from './form.ts';
import en from './locales/en.json' with { type: 'json' };
import zhCN from './locales/zh-CN.json' with { type: 'json' };
import { parserText } from './parser-words.ts';

export type { Language };

type Texts = typeof en;

const texts: Readonly<Record<Language, Texts>> = { en, 'zh-CN': zhCN };

/** The mistake with the expected form, and the remedy. */
export interface Said {
  readonly message: string;
  readonly remedy: string;
}

export function said({ code, values = {} }: Pick<SiteFault, 'code' | 'values'>, language: Language): Said {
  const [message = '', remedy = ''] = texts[language].faults[code];
  return { message: filled(message, values, language), remedy: filled(remedy, values, language) };
}

/** The answer for a site file without a mistake. */
export function siteOk(
  file: string,
  { cameras, buses, devices }: Readonly<Record<'cameras' | 'buses' | 'devices', readonly unknown[]>>,
  language: Language,
): string {
  const counts = { cameras: cameras.length, buses: buses.length, devices: devices.length };
  return `${file}: ${filled(texts[language].ok, counts, language)}`;
}

/**
 * One line for a person, as compilers write them: file, line, path, the mistake with the expected form, and
 * the remedy.
 */
export function problemLine(
  file: string,
  { line, path, severity, message, remedy }: Said & Place,
  language: Language,
): string {
  const { note, stop } = texts[language];
  const end = /[?？]$/.test(remedy) ? '' : stop;
  return `${file}:${line}: ${path}: ${severity === 'note' ? note : ''}${message}${stop}${remedy}${end}`.trimEnd();
}

interface Place {
  readonly line: number;
  readonly path: string;
  readonly severity: 'error' | 'note';
}

/** The caller that knows the file's name puts it in. */
function filled(
  template: string,
  values: Readonly<Record<string, SiteFaultValue>>,
  language: Language,
): string {
  return template.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const text = valueText(values[name], language);
    return name === 'said' ? parserText(text, language) : text;
  });
}

function valueText(value: SiteFaultValue, language: Language): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  if ('code' in value) return said(value, language).message;
  if ('is' in value) return formText(value, language);
  return value.join(texts[language].between);
}

/** A form in words: `a number from 5 to 3600 (seconds)`. */
export function formText(form: Form, language: Language): string {
  const { forms, named, units, between } = texts[language];
  if (form.is === 'named') return filled(named[form.name], { urls: urlsIn(language) }, language);
  if (form.is === 'either') return form.of.map((one) => formText(one, language)).join(texts[language].or);
  if (form.is === 'section') return filled(forms.section, { keys: form.keys }, language);
  if (form.is === 'choice') return filled(forms.choice, { of: form.of.join(between) }, language);
  if (form.is === 'fixed') return form.value;
  if (form.is === 'yes-no') return forms['yes-no'];
  if (form.is === 'text')
    return form.max === undefined ? forms.text : filled(forms['text-max'], { max: form.max }, language);
  const bounds = `${form.is}${form.min === undefined ? '' : '-min'}${form.max === undefined ? '' : '-max'}`;
  const template = Object.entries(forms).find(([name]) => name === bounds)?.[1] ?? forms.text;
  const unit =
    form.is === 'list' || form.unit === undefined
      ? ''
      : filled(forms.unit, { unit: units[form.unit] }, language);
  return filled(template, { min: form.min, max: form.max }, language) + unit;
}

/** Addresses of the platform: `mqtt://HOST or https://HOST`. */
function urlsIn(language: Language): string {
  const { between, last, host } = texts[language];
  const urls = offeredUrls.map((url) => `${url}${host}`);
  return [urls.slice(0, -1).join(between), ...urls.slice(-1)].join(last);
}
