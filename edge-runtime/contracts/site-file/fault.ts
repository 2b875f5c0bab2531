import type { Form } from './form.ts';
import type en from './locales/en.json';

/** Stable name of a mistake; the locale files have its words. */
export type SiteFaultCode = keyof (typeof en)['faults'];

/**
 * A value that the words of a fault name: a word or number as it is, a list of them, or the forms that may
 * stand at the place.
 */
export type SiteFaultValue =
  | string
  | number
  | readonly (string | number)[]
  | Form
  /** A mistake that is the reason of this one. */
  | Pick<SiteFault, 'code' | 'values'>
  | undefined;

/** One mistake in a site: the path to the wrong value, and the kind of mistake. */
export interface SiteFault {
  readonly path: readonly PropertyKey[];
  readonly code: SiteFaultCode;
  readonly values?: Readonly<Record<string, SiteFaultValue>>;
  /** It works, and is most likely not meant. */
  readonly doubtful?: boolean;
  /** Where it stands in the text, if that is not where the path leads to: an offset in characters. */
  readonly at?: number;
}

/** A check of a site that goes beyond its schema. */
export type SiteCheck<Checked> = (site: Checked) => readonly SiteFault[];
