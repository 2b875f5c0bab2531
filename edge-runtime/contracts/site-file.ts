import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { GatehouseError, systemCode } from '@gatehouse/kit';
import type { z } from 'zod';
import { checkText, type TextProblem } from './checked-text.ts';
import type { SecretSource } from './secret-source.ts';
import { Site } from './site.ts';
import { crossChecks, type SiteFault } from './site-checks.ts';

/** One thing wrong with a site file: where (dotted path, 1-based line) and what. */
export type SiteProblem = TextProblem;

export type SiteResult =
  | { readonly ok: true; readonly site: Site }
  | { readonly ok: false; readonly problems: readonly SiteProblem[] };

/** A check of a site that goes beyond its schema; the path is that of the wrong value. */
export type SiteCheck = (site: Site) => readonly SiteFault[];

/**
 * Parses and checks a site file's text (YAML 1.2; JSON is YAML too). Reports every problem, each with path and line; what
 * only makes sense of a whole site (references, `furtherCheck`) once its values are right.
 */
export function parseSite(text: string, furtherCheck: SiteCheck = () => []): SiteResult {
  const further = (site: Site) => [...crossChecks(site), ...furtherCheck(site)];
  const result = checkText(text, { schema: Site, explain: explainIssue, further });
  return result.ok ? { ok: true, site: result.value } : result;
}

/** Reads and checks a site file. Throws `SITE_FILE_MISSING` or `SITE_FILE_INVALID`, naming path and line of the first problem. */
export function loadSite(file: string): Site {
  const result = parseSite(readSiteText(file));
  if (result.ok) return result.site;
  const [first, ...more] = result.problems;
  const rest = more.length > 0 ? ` (and ${more.length} more: npm run gatehouse -- config check ${file})` : '';
  throw new GatehouseError(
    'SITE_FILE_INVALID',
    'input',
    `${file}:${first?.line}: ${first?.path}: ${first?.message}${rest}.`,
    'Correct the site file.',
  );
}

/** The site file as text. Throws `SITE_FILE_MISSING` if it cannot be read. */
export function readSiteText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new GatehouseError(
      'SITE_FILE_MISSING',
      'input',
      `cannot read site file ${file} (${systemCode(cause) ?? 'error'}).`,
      'Set GATEHOUSE_SITE to a readable file.',
      { cause },
    );
  }
}

/** Reads a secret from where the site file says it is. Throws `SECRET_MISSING`, naming the place but never the secret. */
export function readSecret(
  source: SecretSource,
  siteFile: string,
  env: NodeJS.ProcessEnv = process.env,
): string {
  if ('env' in source) {
    const value = env[source.env];
    if (value) return value;
    throw new GatehouseError(
      'SECRET_MISSING',
      'input',
      `environment variable ${source.env} is not set.`,
      'Set it to the secret.',
    );
  }
  const file = resolve(dirname(siteFile), source.file);
  const missing = (what: string, cause?: unknown) =>
    new GatehouseError(
      'SECRET_MISSING',
      'input',
      what,
      'Write the secret into it, readable by the service.',
      {
        cause,
      },
    );
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw missing(`cannot read secret file ${file} (${systemCode(cause) ?? 'error'}).`, cause);
  }
  if (secret) return secret;
  throw missing(`secret file ${file} is empty.`);
}

function explainIssue(issue: z.core.$ZodIssue): SiteFault[] {
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `unknown key "${key}"${unitHint(key)}`,
    }));
  return [{ path: issue.path, message: issue.message }];
}

/** Most unknown keys with a unit are the right key in the wrong unit. */
function unitHint(key: string): string {
  const base = key.replace(/(Ms|S|Min|Sec|Seconds|Millis)$/, '');
  const known = [
    'stoppedAfterS',
    'violationAfterS',
    'clearAfterS',
    'voiceAfterS',
    'alarmAfterS',
    'escalateAfterS',
    'objectAfterS',
    'forS',
    'ackTimeoutS',
    'timeoutMs',
    'pulseMs',
    'moveWithinMs',
  ];
  const match = known.find((k) => k !== key && k.replace(/(Ms|S)$/, '') === base);
  return match ? `; did you mean "${match}" (${match.endsWith('Ms') ? 'milliseconds' : 'seconds'})?` : '';
}
