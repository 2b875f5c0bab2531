import type { SourceFile } from './source-tree.ts';

/** The formatter's width, which the formatter does not apply to comments. */
const columns = 110;

/** A line of a comment; of a comment behind code the whole line. */
const commentLine = /^\s*(?:\/\/|\/\*|\*(?:[ /]|$))|\S\s+\/\/ \S/;

/**
 * Lines with a comment that are wider than the formatter's width. A long address may be, because it cannot be
 * broken.
 */
export function wideComments({ path, text }: SourceFile): string[] {
  return text
    .split('\n')
    .flatMap((line, i) =>
      commentLine.test(line) && [...line].length > columns && !/https?:\/\/\S{50}/.test(line)
        ? [`${path}:${i + 1}: ${line.trim()}`]
        : [],
    );
}

/**
 * Comments that begin with "What" or "Who" and ask nothing. Such a comment names its subject by a clause and
 * often has no main clause at all ("What is dropped when the disk is full."). "Whether" and "How long" stay:
 * options are described so.
 */
export function headlessComments({ path, text }: SourceFile): string[] {
  const beginning =
    /(?:\/\*\*?\s*(?:\n\s*\* )?|(?<!\/\/[^\n]*\n\s*)\/\/ )(?:What|Who|Whoever|Whatever)\b[^.?]*/g;
  return [...text.matchAll(beginning)]
    .filter((match) => text[match.index + match[0].length] !== '?')
    .map((match) => {
      const line = text.slice(0, match.index).split('\n').length;
      return `${path}:${line}: ${match[0].replaceAll(/\s+/g, ' ')}`;
    });
}
