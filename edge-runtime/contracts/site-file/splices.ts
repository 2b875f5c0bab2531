import { isDeepStrictEqual } from 'node:util';
import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import type { Zone } from '../site/site.ts';
import { contentEnd, isNode, ownPair, Places, startOf, styleOf } from './places.ts';
import { inline, itemLines, listLines, pairLines, scalar, sectionLines } from './write.ts';

/** Characters of the text that others take the place of; nothing else of it changes. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The text with all splices, which do not overlap. */
export function spliced(text: string, splices: readonly Splice[]): string {
  let done = 0;
  let result = '';
  for (const { start, end, text: other } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(done, start) + other;
    done = end;
  }
  return result + text.slice(done);
}

/** A place that cannot be edited by itself: its values come from somewhere else. */
export class NotEditable extends Error {}

type Tree = Readonly<Record<string, unknown>>;

/**
 * The splices that turn the zones of one camera into others. They replace the text of values, so line ends,
 * comments, blanks and the text elsewhere stay as they are. An alias in the way is written out at its own
 * place. Throws `NotEditable`.
 */
export function zoneSplices(
  document: Document,
  text: string,
  camera: number,
  before: readonly Zone[],
  after: readonly Zone[],
): Splice[] {
  const cameras = document.getIn(['cameras'], true);
  const section = isSeq(cameras) ? cameras.items[camera] : undefined;
  if (!isMap(section)) throw new NotEditable();
  return new Splicer(new Places(text)).zones(section, before, after);
}

class Splicer {
  readonly #at: Places;
  constructor(places: Places) {
    this.#at = places;
  }

  zones(camera: YAMLMap, before: readonly Zone[], after: readonly Zone[]): Splice[] {
    const pair = ownPair(camera, 'zones');
    if (!pair) return this.#addPair(camera, 'zones', after);
    const list = pair.value;
    const fresh = after.filter(({ id }) => !before.some((zone) => zone.id === id));
    if (!isSeq(list) || fresh.length === after.length) return this.#value(camera, pair, 'zones', after);
    const isKept = (id: string) => after.some((zone) => zone.id === id);
    const changed = [
      ...this.#removeItems(
        list,
        before.flatMap(({ id }, i) => (isKept(id) ? [] : [i])),
      ),
      ...before.flatMap((zone, i) => {
        const wanted = after.find(({ id }) => id === zone.id);
        return !wanted || isDeepStrictEqual(zone, wanted) ? [] : this.#zone(list, i, zone, wanted);
      }),
    ];
    return fresh.length > 0 ? [...changed, ...this.#addItems(list, fresh)] : changed;
  }

  #zone(list: YAMLSeq, index: number, before: Zone, after: Zone): Splice[] {
    const item = list.items[index];
    if (!isMap(item)) return this.#item(list, index, after);
    const { rules: rulesBefore, ...ownBefore } = before;
    const { rules, ...own } = after;
    return [...this.#differences(item, ownBefore, own), ...this.#rules(item, rulesBefore, rules)];
  }

  /** Rules have no id: while their kinds stay the same in order, each keeps its lines. */
  #rules(zone: YAMLMap, before: Zone['rules'], after: Zone['rules']): Splice[] {
    if (isDeepStrictEqual(before, after)) return [];
    const list = ownPair(zone, 'rules')?.value;
    const kinds = (rules: Zone['rules']) => rules.map(({ kind }) => kind);
    if (!isSeq(list) || !isDeepStrictEqual(kinds(before), kinds(after)))
      return this.#set(zone, 'rules', after);
    return after.flatMap((rule, i) => {
      const item = list.items[i];
      if (isMap(item)) return this.#differences(item, before[i] ?? {}, rule);
      return isDeepStrictEqual(before[i], rule) ? [] : this.#item(list, i, rule);
    });
  }

  #differences(section: YAMLMap, before: Tree, after: Tree): Splice[] {
    const gone = Object.keys(before).filter((key) => after[key] === undefined);
    const changed = Object.entries(after).filter(
      ([key, value]) => value !== undefined && !isDeepStrictEqual(before[key], value),
    );
    return [
      ...this.#removePairs(section, gone),
      ...changed.flatMap(([key, value]) => this.#set(section, key, value)),
    ];
  }

  #set(section: YAMLMap, key: string, value: unknown): Splice[] {
    const pair = ownPair(section, key);
    return pair ? this.#value(section, pair, key, value) : this.#addPair(section, key, value);
  }

  /** Another value of a key that is there. */
  #value(section: YAMLMap, pair: Pair, key: string, value: unknown): Splice[] {
    const { value: node } = pair;
    const colon = this.#at.afterColon(pair);
    const [start, end] = isNode(node) ? [startOf(node), contentEnd(node)] : [colon, colon];
    if (isScalar(node) && (typeof value !== 'object' || value === null))
      return [{ start, end, text: scalarLike(node, value, this.#at.eol) }];
    if (section.flow) return [{ start, end, text: inline(value, styleOf(section)) }];
    if (isCollection(node) && !node.flow && !isEmpty(value)) {
      const column = this.#at.column(start);
      const lines = Array.isArray(value) ? listLines(value, column) : sectionLines(value, column);
      return [{ start, end, text: this.#joined(lines) }];
    }
    const [first = '', ...rest] = pairLines(key, value, this.#at.column(startOf(pair.key)));
    // In the line of its key; a block that is there goes with its line ends.
    if (rest.length === 0)
      return [
        {
          start: isEmpty(value) ? colon : start,
          end,
          text: `${isEmpty(value) ? ' ' : ''}${first.slice(key.length + 2)}`,
        },
      ];
    // Below its key, whose line keeps its comment.
    return [{ start: colon, end, text: '' }, ...this.#addLines(end, rest)];
  }

  #addPair(section: YAMLMap, key: string, value: unknown): Splice[] {
    const end = contentEnd(section.items.at(-1));
    const style = styleOf(section);
    if (section.flow) {
      const name = style === 'json' ? JSON.stringify(key) : key;
      return [{ start: end, end, text: `, ${name}: ${inline(value, style)}` }];
    }
    const column = this.#at.column(startOf(section.items[0]));
    const [first = '', ...rest] = pairLines(key, value, column);
    return this.#addLines(end, [' '.repeat(column) + first, ...rest]);
  }

  #removePairs(section: YAMLMap, keys: readonly string[]): Splice[] {
    const indices = keys.map((key) =>
      section.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key),
    );
    // A value that a merge brings cannot be taken out here.
    if (indices.includes(-1)) throw new NotEditable();
    return this.#without(section, indices, (i) => this.#at.lineStart(startOf(section.items[i])));
  }

  #removeItems(list: YAMLSeq, indices: readonly number[]): Splice[] {
    return this.#without(list, indices, (i) => this.#at.dashLine(list, i));
  }

  /**
   * Parts of a flow go with one comma each, those of a block with their lines. The first ones leave their
   * place to the next.
   */
  #without(
    parent: YAMLMap | YAMLSeq,
    indices: readonly number[],
    lineOf: (index: number) => number,
  ): Splice[] {
    return indices.map((i) => {
      const [start, end] = [startOf(parent.items[i]), contentEnd(parent.items[i])];
      const leads = parent.items.slice(0, i).every((_, before) => indices.includes(before));
      const next = parent.items[i + 1];
      // The first pair of a section shares its line with a dash or a brace.
      if (leads && next && (parent.flow || isMap(parent))) return { start, end: startOf(next), text: '' };
      if (parent.flow) return { start: contentEnd(parent.items[i - 1]), end, text: '' };
      return this.#withoutLines(lineOf(i), end);
    });
  }

  #withoutLines(start: number, contentEndsAt: number): Splice {
    const { text, eol } = this.#at;
    const end = this.#at.lineEnd(contentEndsAt);
    // The last line of a file that does not end with a line end: now the line before it is the last, and has
    // none.
    const isLast = end === text.length && !text.endsWith('\n');
    return { start: isLast ? Math.max(0, start - eol.length) : start, end, text: '' };
  }

  /** An item that is no section of its own but an alias: written out. */
  #item(list: YAMLSeq, index: number, value: unknown): Splice[] {
    const node = list.items[index];
    if (!isAlias(node)) throw new NotEditable();
    const [start, end] = [startOf(node), contentEnd(node)];
    if (list.flow) return [{ start, end, text: inline(value, styleOf(list)) }];
    return [{ start, end, text: this.#joined(sectionLines(value, this.#at.column(start))) }];
  }

  #addItems(list: YAMLSeq, items: readonly unknown[]): Splice[] {
    const end = contentEnd(list.items.at(-1));
    const style = styleOf(list);
    if (list.flow)
      return [{ start: end, end, text: items.map((item) => `, ${inline(item, style)}`).join('') }];
    const column = this.#at.column(startOf(list));
    return this.#addLines(
      end,
      items.flatMap((item) => itemLines(item, column)),
    );
  }

  /** Whole lines below the line on which the node at `at` ends. */
  #addLines(at: number, lines: readonly string[]): Splice[] {
    const end = this.#at.lineEnd(at);
    const { text, eol } = this.#at;
    const added = this.#joined(lines);
    return [{ start: end, end, text: text[end - 1] === '\n' ? added + eol : eol + added }];
  }

  #joined(lines: readonly string[]): string {
    return lines.join(this.#at.eol);
  }
}

/** A scalar in the quotes that the old one has, if it needs none itself. */
function scalarLike(
  old: { readonly type?: unknown; readonly source?: unknown },
  value: unknown,
  eol: string,
): string {
  const text = scalar(value);
  if (String(old.type).startsWith('BLOCK')) return text + eol;
  // After a colon without a value.
  if (old.source === '') return ` ${text}`;
  if (typeof value !== 'string' || text.startsWith('"')) return text;
  if (old.type === 'QUOTE_DOUBLE') return JSON.stringify(value);
  return old.type === 'QUOTE_SINGLE' ? `'${value}'` : text;
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
