import {
  isCollection,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Style } from './write.ts';

/** Where the nodes of a YAML document stand in its text, in characters from 0. */
export class Places {
  readonly text: string;
  readonly eol: string;
  constructor(text: string) {
    this.text = text;
    this.eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  }
  lineStart(at: number): number {
    return this.text.lastIndexOf('\n', at - 1) + 1;
  }
  /** The character after the line's end. */
  lineEnd(at: number): number {
    const end = this.text.indexOf('\n', at);
    return end < 0 ? this.text.length : end + 1;
  }
  column(at: number): number {
    return at - this.lineStart(at);
  }
  afterColon({ key }: Pair): number {
    return this.text.indexOf(':', isNode(key) ? (key.range?.[1] ?? 0) : 0) + 1;
  }
  /**
   * The start of the line on which an item of a block list has its dash; an anchor may stand between the two.
   */
  dashLine(list: YAMLSeq, index: number): number {
    const column = this.column(startOf(list));
    let start = this.lineStart(startOf(list.items[index]));
    while (start > 0 && this.text[start + column] !== '-') start = this.lineStart(start - 1);
    return start;
  }
}

export function ownPair(section: YAMLMap, key: string): Pair | undefined {
  return section.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value;
}

export function startOf(node: unknown): number {
  if (isPair(node)) return startOf(node.key);
  return (isNode(node) && node.range?.[0]) || 0;
}

/** The end of the last sign that is content: no comment, no line end. */
export function contentEnd(node: unknown): number {
  if (isPair(node)) return isNode(node.value) ? contentEnd(node.value) : contentEnd(node.key);
  if (isCollection(node) && !node.flow) return contentEnd(node.items.at(-1));
  return (isNode(node) && node.range?.[1]) || 0;
}

/** JSON is YAML: a section whose keys are quoted stays JSON. */
export function styleOf(node: YAMLMap | YAMLSeq): Style {
  const [first] = node.items;
  if (isPair(first)) return isScalar(first.key) && first.key.type === 'QUOTE_DOUBLE' ? 'json' : 'yaml';
  return isMap(first) || isSeq(first) ? styleOf(first) : 'yaml';
}
