import { faultWords, lineInWords, plainWords } from '@gatehouse/kit';
import type { Language } from '../locales/terms.ts';
import { siteFaultPhrases } from '../site-file/fault-line.ts';
import type { HealthFault } from './health.ts';

/** A line of health, a fault's or a note, in a person's language. */
export function healthInWords(line: string, language: Language): string {
  return lineInWords(line, language, siteFaultPhrases);
}

/**
 * A fault's line in a person's language. If it is of no form that is known, such as one of a later version,
 * it is the short words for its code.
 */
export function faultInWords({ code, detail }: HealthFault, language: Language): string {
  const told = healthInWords(detail, language);
  if (language === 'en' || told !== detail) return told;
  return faultWords[code]?.zh ?? plainWords[code]?.zh ?? detail;
}
