import { readFileSync } from 'node:fs';
import { GatehouseError, systemCode } from '@gatehouse/kit';
import { type Document, LineCounter } from 'yaml';
import { Site } from '../site.ts';
import { crossChecks } from '../site-checks.ts';
import { siteText } from './encoding.ts';
import { explainIssue } from './explain.ts';
import type { SiteCheck, SiteFault, SiteFaultCode } from './fault.ts';
import { type Language, said } from './said.ts';
import { doubtfulScalars, parseYaml, syntaxFault } from './yaml.ts';

/** One thing wrong with a site file: where (dotted path, 1-based line), what with the expected form, and the remedy. */
export interface SiteProblem {
  readonly path: string;
  readonly line: number;
  readonly code: SiteFaultCode;
  /** A note is about what works and is most likely not meant. */
  readonly severity: 'error' | 'note';
  readonly message: string;
  readonly remedy: string;
}

export type SiteResult =
  | { readonly ok: true; readonly site: Site; readonly notes: readonly SiteProblem[] }
  | { readonly ok: false; readonly problems: readonly SiteProblem[] };

export interface SiteReading {
  /** What is checked besides, once the values are right one by one. */
  readonly checks?: readonly SiteCheck<Site>[];
  /** Of message and remedy; English by default, which is the language of logs. */
  readonly language?: Language;
}

/**
 * Parses and checks a site file (YAML 1.2 in UTF-8; JSON is YAML too). Reports every problem, each with path and line; what
 * only makes sense of a whole site (references, further checks) once its values are right.
 */
export function parseSite(source: string | Uint8Array, reading: SiteReading = {}): SiteResult {
  const read = typeof source === 'string' ? { ok: true as const, text: source } : siteText(source);
  if (!read.ok) return failed([problemOf(read.fault, Number(read.fault.values?.line ?? 1), reading)]);
  const lines = new LineCounter();
  const document = parseYaml(read.text, lines);
  const lineOf = lineFinder(document, lines);
  const placed = (fault: SiteFault) =>
    problemOf(fault, fault.at === undefined ? lineOf(fault.path) : lines.linePos(fault.at).line, reading);
  const broken = syntaxFault(document, read.text);
  if (broken) return failed([placed(broken)]);
  const data = dataOf(document);
  if ('fault' in data) return failed([placed(data.fault)]);
  const parsed = Site.safeParse(data.value);
  const faults = parsed.success
    ? [crossChecks, ...(reading.checks ?? [])].flatMap((check) => check(parsed.data))
    : withoutRepeats(parsed.error.issues.flatMap((issue) => explainIssue(issue, data.value)));
  const problems = [...faults, ...doubtfulScalars(document)].map(placed).sort((a, b) => a.line - b.line);
  if (parsed.success && problems.every(({ severity }) => severity === 'note'))
    return { ok: true, site: parsed.data, notes: problems };
  return failed(problems);
}

/** Reads and checks a site file. Throws `SITE_FILE_MISSING` or `SITE_FILE_INVALID`, naming path and line of the first problem. */
export function loadSite(file: string, checks: readonly SiteCheck<Site>[] = []): Site {
  const result = parseSite(readSiteBytes(file), { checks });
  if (result.ok) return result.site;
  throw invalidSite(file, result.problems);
}

/** The error of a site file that is wrong. */
export function invalidSite(file: string, problems: readonly SiteProblem[]): GatehouseError {
  const errors = problems.filter(({ severity }) => severity === 'error');
  const [first, ...more] = errors;
  const rest = more.length > 0 ? ` (and ${more.length} more: npm run gatehouse -- config check ${file})` : '';
  const what = `${file}:${first?.line}: ${first?.path}: ${first?.message}${rest}.`;
  return new GatehouseError(
    'SITE_FILE_INVALID',
    'input',
    what,
    `${first?.remedy ?? 'Correct the site file'}.`,
  );
}

/** The site file as text. Throws `SITE_FILE_MISSING` if it cannot be read, `SITE_FILE_INVALID` if it is not UTF-8. */
export function readSiteText(file: string): string {
  const read = siteText(readSiteBytes(file));
  if (read.ok) return read.text;
  throw invalidSite(file, [problemOf(read.fault, 1, {})]);
}

/** The site file's bytes. Throws `SITE_FILE_MISSING`. */
export function readSiteBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
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

function failed(problems: readonly SiteProblem[]): SiteResult {
  return { ok: false, problems };
}

function problemOf(fault: SiteFault, line: number, { language = 'en' }: SiteReading): SiteProblem {
  const { path, code, doubtful } = fault;
  const severity = doubtful ? 'note' : 'error';
  return { path: dotted(path), line, code, severity, ...said(fault, language) };
}

/** What the document says; an alias of aliases of aliases is not unfolded without bound. */
function dataOf(document: Document): { readonly value: unknown } | { readonly fault: SiteFault } {
  if (document.contents === null) return { fault: { path: [], code: 'file-empty' } };
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }) };
  } catch (error) {
    if (error instanceof ReferenceError) return { fault: { path: [], code: 'yaml-alias-count' } };
    throw error;
  }
}

/** A corner outside of the picture has two numbers, and a text in place of a section many keys that are missing: one line a place. */
function withoutRepeats(faults: readonly SiteFault[]): SiteFault[] {
  const seen = new Set<string>();
  return faults.filter((fault) => {
    const key = `${dotted(fault.path)} ${fault.code}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** A path as people write it: `cameras[0].zones[1].id`. */
export function dotted(path: SiteFault['path']): string {
  return (
    path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .replace(/^\./, '') || '(file)'
  );
}

/** Finds the 1-based line of a path in a parsed YAML document, or of its nearest existing parent. */
export function lineFinder(document: Document, lines: LineCounter) {
  return (path: SiteFault['path']): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = keyNode(document, path.slice(0, depth));
      if (node !== undefined) return lines.linePos(node).line;
    }
    return 1;
  };
}

function keyNode(document: Document, path: SiteFault['path']): number | undefined {
  const last = path.at(-1);
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (typeof parent !== 'object' || parent === null || !('items' in parent) || !Array.isArray(parent.items))
    return undefined;
  const item =
    typeof last === 'number'
      ? parent.items[last]
      : parent.items.find((pair) => pair?.key?.value === last)?.key;
  return item?.range?.[0];
}
