import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { dotted, lineFinder } from './text-lines.ts';

/** One thing wrong with a file that people write: where (dotted path, 1-based line) and what. */
export interface TextProblem {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** One thing wrong with what a file says: the path to the wrong value, and what is wrong with it. */
export interface TextFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

export type TextResult<T> =
  /** `lineOf` finds the line of whatever somebody else has to say of the value. */
  | { readonly ok: true; readonly value: T; readonly lineOf: (path: TextFault['path']) => number }
  | { readonly ok: false; readonly problems: readonly TextProblem[] };

export interface TextChecks<T> {
  readonly schema: z.ZodType<T>;
  /** What the schema's words for a mistake are to people; the input is there to name what was written. */
  readonly explain: (issue: z.core.$ZodIssue, input: unknown) => readonly TextFault[];
  /** What only makes sense of the whole, once its values are right. */
  readonly further?: (value: T) => readonly TextFault[];
}

/**
 * Parses and checks a file's text (YAML 1.2; JSON is YAML too). Reports every problem, each with path and
 * line.
 */
export function checkText<T>(text: string, { schema, explain, further }: TextChecks<T>): TextResult<T> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  // One slip in YAML makes a cascade of errors behind it: the first is the one to mend.
  const syntax = document.errors.slice(0, 1).map((e) => ({
    path: '(file)',
    line: lines.linePos(e.pos[0]).line,
    message: (e.message.split('\n')[0] ?? e.message).replace(/:$/, ''),
  }));
  if (syntax.length > 0) return { ok: false, problems: syntax };
  const lineOf = lineFinder(document, lines);
  const input: unknown = document.toJS() ?? {};
  const parsed = schema.safeParse(input);
  const faults = parsed.success
    ? (further?.(parsed.data) ?? [])
    : parsed.error.issues.flatMap((issue) => explain(issue, input));
  if (parsed.success && faults.length === 0) return { ok: true, value: parsed.data, lineOf };
  return {
    ok: false,
    problems: faults.map(({ path, message }) => ({ path: dotted(path), line: lineOf(path), message })),
  };
}
