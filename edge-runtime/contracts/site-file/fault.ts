import type { Form } from './form.ts';
import type en from './locales/en.json';

/** Stable name of a mistake; the locale files have its words. */
export type SiteFaultCode = keyof (typeof en)['faults'];

/** What the words of a fault name: a word or number as it is, a list of them, or what may stand at the place. */
export type SiteFaultValue =
  | string
  | number
  | readonly (string | number)[]
  | Form
  /** A mistake that is the reason of this one. */
  | Pick<SiteFault, 'code' | 'values'>
  | undefined;

/** One thing wrong with a site: the path to the wrong value, and what is wrong with it. */
export interface SiteFault {
  readonly path: readonly PropertyKey[];
  readonly code: SiteFaultCode;
  readonly values?: Readonly<Record<string, SiteFaultValue>>;
  /** Works, and is most likely not what was meant. */
  readonly doubtful?: boolean;
  /** Where it stands in the text, if that is not where the path leads to: an offset in characters. */
  readonly at?: number;
}

/** A check of a site that goes beyond its schema. */
export type SiteCheck<Checked> = (site: Checked) => readonly SiteFault[];
