import { readFileSync } from 'node:fs';
import { errorOf, type GatehouseError, systemCode } from '@gatehouse/kit';
import { crossChecks } from '../site/checks.ts';
import { Site } from '../site/site.ts';
import { checkText, problemOf, type SiteProblem } from './check-text.ts';
import { siteText } from './encoding.ts';
import type { SiteCheck } from './fault.ts';
import type { Language } from './said.ts';
import { siteShape } from './shape.ts';

export type SiteResult =
  | { readonly ok: true; readonly site: Site; readonly notes: readonly SiteProblem[] }
  | { readonly ok: false; readonly problems: readonly SiteProblem[] };

export interface SiteReading {
  /** Further checks, once the values are right one by one. */
  readonly checks?: readonly SiteCheck<Site>[];
  /** Of message and remedy; English by default, which is the language of logs. */
  readonly language?: Language;
}

/**
 * Parses and checks a site file (YAML 1.2 in UTF-8; JSON is YAML too). Reports every problem, each with path
 * and line. Problems of the whole site (references, further checks) are sought once its values are right.
 */
export function parseSite(
  source: string | Uint8Array,
  { checks = [], language = 'en' }: SiteReading = {},
): SiteResult {
  const result = checkText(source, { schema: Site, shape: siteShape, checks: [crossChecks, ...checks] });
  if (result.ok)
    return { ok: true, site: result.value, notes: result.notes.map((one) => problemOf(one, language)) };
  return { ok: false, problems: result.faults.map((one) => problemOf(one, language)) };
}

/**
 * Reads and checks a site file. Throws `SITE_FILE_MISSING` or `SITE_FILE_INVALID`, naming path and line of
 * the first problem.
 */
export function loadSite(file: string, checks: readonly SiteCheck<Site>[] = []): Site {
  const result = parseSite(readSiteBytes(file), { checks });
  if (result.ok) return result.site;
  throw invalidSite(file, result.problems);
}

/** The error of a site file that is wrong. */
export function invalidSite(file: string, problems: readonly SiteProblem[]): GatehouseError {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first, ...others] = errors;
  const values = {
    place: `${file}:${first?.line}: ${first?.path}`,
    problem: first?.message,
    remedy: first?.remedy ?? 'Correct the site file',
  };
  if (others.length === 0) return errorOf('SITE_FILE_INVALID', values);
  const command = `npm run gatehouse -- config check ${file}`;
  return errorOf('SITE_FILE_INVALID/more', { ...values, count: others.length, command });
}

/**
 * The site file as text. Throws `SITE_FILE_MISSING` if it cannot be read, `SITE_FILE_INVALID` if it is not
 * UTF-8.
 */
export function readSiteText(file: string): string {
  const read = siteText(readSiteBytes(file));
  if (read.ok) return read.text;
  throw invalidSite(file, [problemOf({ fault: read.fault, line: 1 }, 'en')]);
}

/** The site file's bytes. Throws `SITE_FILE_MISSING`. */
export function readSiteBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw errorOf('SITE_FILE_MISSING', { file, reason: systemCode(cause) ?? 'error' }, { cause });
  }
}
