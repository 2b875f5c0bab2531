import type { Document, LineCounter } from 'yaml';

type Path = readonly PropertyKey[];

/** A path as people write it: `cameras[0].zones[1].id`. */
export function dotted(path: Path): string {
  return (
    path
      .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
      .join('')
      .replace(/^\./, '') || '(file)'
  );
}

/** Finds the 1-based line of a path in a parsed YAML document, or of its nearest existing parent. */
export function lineFinder(document: Document, lines: LineCounter) {
  return (path: Path): number => {
    for (let depth = path.length; depth > 0; depth--) {
      const node = keyNode(document, path.slice(0, depth));
      if (node !== undefined) return lines.linePos(node).line;
    }
    return 1;
  };
}

function keyNode(document: Document, path: Path): number | undefined {
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
