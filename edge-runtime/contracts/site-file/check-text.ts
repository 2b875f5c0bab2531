import { type Document, LineCounter } from 'yaml';
import type { z } from 'zod';
import { dotted, lineFinder } from '../text-lines.ts';
import { siteText } from './encoding.ts';
import { explainIssue } from './explain.ts';
import type { SiteCheck, SiteFault, SiteFaultCode } from './fault.ts';
import { type Language, said } from './said.ts';
import type { Shape } from './shape.ts';
import { doubtfulScalars, parseYaml, syntaxFault } from './yaml.ts';

/**
 * One mistake in a file that people write: the place (dotted path, 1-based line), the text with the expected
 * form, and the remedy.
 */
export interface SiteProblem {
  readonly path: string;
  readonly line: number;
  readonly code: SiteFaultCode;
  /** A note is about a setting that works and is most likely not meant. */
  readonly severity: 'error' | 'note';
  readonly message: string;
  readonly remedy: string;
}

/** A fault with its 1-based line. */
export interface PlacedFault {
  readonly fault: SiteFault;
  readonly line: number;
}

export type TextResult<T> =
  | {
      readonly ok: true;
      readonly value: T;
      readonly notes: readonly PlacedFault[];
      /** The line of a value, for remarks of others about it. */
      readonly lineOf: (path: SiteFault['path']) => number;
    }
  | { readonly ok: false; readonly faults: readonly PlacedFault[] };

export interface TextChecks<T> {
  readonly schema: z.ZodType<T>;
  readonly shape: Shape;
  /** Further checks, once the values are right one by one. */
  readonly checks?: readonly SiteCheck<T>[];
}

/**
 * Parses and checks a file's text (YAML 1.2 in UTF-8; JSON is YAML too). Finds every fault, each with its
 * line. Faults of the whole (references, further checks) are sought once its values are right.
 */
export function checkText<T>(
  source: string | Uint8Array,
  { schema, shape, checks = [] }: TextChecks<T>,
): TextResult<T> {
  const read = typeof source === 'string' ? { ok: true as const, text: source } : siteText(source);
  if (!read.ok) return failed([{ fault: read.fault, line: Number(read.fault.values?.line ?? 1) }]);
  const lines = new LineCounter();
  const document = parseYaml(read.text, lines);
  const lineOf = lineFinder(document, lines);
  const placed = (fault: SiteFault): PlacedFault => {
    const line = fault.at === undefined ? lineOf(fault.path) : lines.linePos(fault.at).line;
    return { fault, line };
  };
  const broken = syntaxFault(document, read.text);
  if (broken) return failed([placed(broken)]);
  const data = dataOf(document);
  if ('fault' in data) return failed([placed(data.fault)]);
  const parsed = schema.safeParse(data.value);
  const found = parsed.success
    ? checks.flatMap((check) => check(parsed.data))
    : withoutRepeats(parsed.error.issues.flatMap((issue) => explainIssue(issue, data.value, shape)));
  const faults = [...found, ...doubtfulScalars(document)].map(placed).sort((a, b) => a.line - b.line);
  if (parsed.success && faults.every(({ fault }) => fault.doubtful))
    return { ok: true, value: parsed.data, notes: faults, lineOf };
  return failed(faults);
}

/** A fault in the words that people read. */
export function problemOf({ fault, line }: PlacedFault, language: Language): SiteProblem {
  const { path, code, doubtful } = fault;
  const severity = doubtful ? 'note' : 'error';
  return { path: dotted(path), line, code, severity, ...said(fault, language) };
}

function failed(faults: readonly PlacedFault[]): TextResult<never> {
  return { ok: false, faults };
}

/** The data of the document. Aliases of aliases of aliases are not unfolded without bound. */
function dataOf(document: Document): { readonly value: unknown } | { readonly fault: SiteFault } {
  if (document.contents === null) return { fault: { path: [], code: 'file-empty' } };
  try {
    return { value: document.toJS({ maxAliasCount: 1000 }) };
  } catch (error) {
    if (error instanceof ReferenceError) return { fault: { path: [], code: 'yaml-alias-count' } };
    throw error;
  }
}

/**
 * One line a place: a corner outside of the picture has two wrong numbers, and a text in place of a section
 * lacks many keys.
 */
function withoutRepeats(faults: readonly SiteFault[]): SiteFault[] {
  const seen = new Set<string>();
  return faults.filter((fault) => {
    const key = `${dotted(fault.path)} ${fault.code}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
