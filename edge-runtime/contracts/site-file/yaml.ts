import { nearest } from '@gatehouse/kit';
import {
  type Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  type LineCounter,
  parseDocument,
  visit,
  type YAMLError,
} from 'yaml';
import type { SiteFault, SiteFaultCode } from './fault.ts';
import { fullWidthIn } from './full-width.ts';

/** The one way to read a site file: YAML 1.2 with merge keys (`<<`), which installers know from elsewhere. */
export function parseYaml(text: string, lineCounter?: LineCounter): Document {
  return parseDocument(text, {
    uniqueKeys: true,
    merge: true,
    ...(lineCounter ? { lineCounter } : {}),
  });
}

/** The first slip in the YAML; one makes a cascade of errors behind it, so the others are not told. */
export function syntaxFault(document: Document, text: string): SiteFault | undefined {
  const [error] = document.errors;
  if (error) return explained(error, document, text);
  return aliasFault(document);
}

/**
 * Values that YAML takes and a person may have meant otherwise: a number that begins with a zero was octal in
 * YAML 1.1.
 */
export function doubtfulScalars(document: Document): SiteFault[] {
  const faults: SiteFault[] = [];
  visit(document, {
    Scalar: (_, { value, source = '', range }) => {
      if (typeof value === 'number' && /^[-+]?0\d/.test(source))
        faults.push({
          path: pathAt(document, range?.[0] ?? 0),
          code: 'leading-zero',
          values: { found: source, number: value },
          doubtful: true,
        });
    },
  });
  return faults;
}

/** yaml's codes (its docs, "Errors"), as the mistakes of a person. */
const meanings: Readonly<Partial<Record<YAMLError['code'], SiteFaultCode>>> = {
  TAB_AS_INDENT: 'yaml-tab',
  BAD_INDENT: 'yaml-indent',
  UNEXPECTED_TOKEN: 'yaml-indent',
  MISSING_CHAR: 'yaml-missing-sign',
  BLOCK_IN_FLOW: 'yaml-unclosed',
  BLOCK_AS_IMPLICIT_KEY: 'yaml-colon',
  MULTILINE_IMPLICIT_KEY: 'yaml-missing-sign',
  DUPLICATE_KEY: 'yaml-twice',
  MULTIPLE_DOCS: 'yaml-documents',
  BAD_DQ_ESCAPE: 'yaml-escape',
  BAD_SCALAR_START: 'yaml-sign',
};

function explained({ code, pos, message }: YAMLError, document: Document, text: string): SiteFault {
  const at = pos[0];
  const wide = fullWidthNear(text, at);
  const path = enclosingPath(document, text, at);
  if (wide && code !== 'DUPLICATE_KEY' && code !== 'TAB_AS_INDENT')
    return {
      path: enclosingPath(document, text, wide.offset),
      code: 'full-width',
      values: { found: wide.found, plain: wide.plain, column: wide.column },
      at: wide.offset,
    };
  if (code === 'DUPLICATE_KEY') {
    const key = /^["']?([^\s:"']+)/.exec(text.slice(at))?.[1] ?? '';
    return { path: [...pathAt(document, at).slice(0, -1), key], code: 'yaml-twice', values: { key }, at };
  }
  const said = (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:?$/, '');
  if (said.startsWith('Sequence item without')) return { path, code: 'yaml-indent', at };
  if (said.startsWith('Missing closing')) {
    const quoted = pathAt(document, at);
    return { path: quoted, code: 'yaml-quote', at: valueStart(document, quoted) };
  }
  const opened = /^Flow (map|sequence)|BLOCK_IN_FLOW/.test(`${said} ${code}`)
    ? openBracket(text, at)
    : undefined;
  if (opened !== undefined)
    return { path: enclosingPath(document, text, opened), code: 'yaml-unclosed', at: opened };
  return { path, code: meanings[code] ?? 'yaml-other', values: { said }, at };
}

function valueStart(document: Document, path: readonly PropertyKey[]): number {
  return path.length === 0 ? 0 : startOf(document.getIn(path, true));
}

/**
 * The bracket that is open at an offset. The error itself shows only where the next line cannot belong into
 * it.
 */
function openBracket(text: string, before: number): number | undefined {
  let closed = 0;
  for (let at = before - 1; at >= 0; at--) {
    const sign = text[at] ?? '';
    if ('}]'.includes(sign)) closed++;
    else if ('{['.includes(sign) && closed-- === 0) return at;
  }
  return undefined;
}

/** Where a line that is no YAML belongs by its indentation, with its own key if it has one. */
function enclosingPath(document: Document, text: string, at: number): PropertyKey[] {
  const start = text.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
  const end = text.indexOf('\n', start);
  const line = text.slice(start, end < 0 ? text.length : end);
  const indent = /^ */.exec(line)?.[0].length ?? 0;
  const outer = pathAt(document, Math.max(0, start - 1));
  const column = (depth: number) => {
    const offset = startAt(document, outer.slice(0, depth));
    const inLine = offset - (text.lastIndexOf('\n', offset - 1) + 1);
    // An item begins with its "- ".
    return typeof outer[depth - 1] === 'number' ? inLine - 2 : inLine;
  };
  // A tab says nothing of the depth: such a line belongs where the line before it does.
  const kept = /^ *\t/.test(line) ? outer.slice(0, -1) : outer.filter((_, i) => column(i + 1) < indent);
  const own = /^ *(?:- +)?["']?([A-Za-z][\w-]*)["']? *:/.exec(line)?.[1];
  return own === undefined ? kept : [...kept, own];
}

/** The offset at which a key or item begins. */
function startAt(document: Document, path: readonly PropertyKey[]): number {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (isMap(parent))
    return startOf(parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)));
  return isSeq(parent) ? startOf(parent.items[Number(path.at(-1))]) : 0;
}

/**
 * The first full-width sign of the error's own line, or of the line before it, where the error often only
 * shows.
 */
function fullWidthNear(text: string, at: number) {
  const own = text.lastIndexOf('\n', Math.max(0, at - 1)) + 1;
  const before = text.lastIndexOf('\n', Math.max(0, own - 2)) + 1;
  for (const start of new Set([own, before])) {
    const end = text.indexOf('\n', start);
    const wide = fullWidthIn(text.slice(start, end < 0 ? text.length : end));
    if (wide) return { ...wide, column: wide.at + 1, offset: start + wide.at };
  }
  return undefined;
}

/** An alias of nothing, and one within itself: the library throws at these only when they are used. */
function aliasFault(document: Document): SiteFault | undefined {
  let fault: SiteFault | undefined;
  const anchors: string[] = [];
  visit(document, {
    Node: (_, node) => {
      if ('anchor' in node && typeof node.anchor === 'string') anchors.push(node.anchor);
    },
    Alias: (_, alias) => {
      if (fault) return visit.BREAK;
      const at = alias.range?.[0] ?? 0;
      const path = pathAt(document, at);
      if (alias.resolve(document) === undefined) {
        const meant = nearest(alias.source, anchors);
        fault = {
          path,
          code: 'yaml-alias',
          values: { alias: alias.source, meant: meant ?? anchors.join(', ') },
          at,
        };
      }
      return undefined;
    },
  });
  return fault;
}

/** The path of the deepest key or item that stands at or before an offset; empty where nothing does. */
export function pathAt(document: Document, offset: number): PropertyKey[] {
  const path: PropertyKey[] = [];
  let node: unknown = document.contents;
  for (;;) {
    if (isMap(node)) {
      const pair = node.items.findLast(({ key }) => isScalar(key) && (key.range?.[0] ?? 0) <= offset);
      if (!pair || !isScalar(pair.key)) return path;
      path.push(String(pair.key.value));
      node = pair.value;
    } else if (isSeq(node)) {
      const index = node.items.findLastIndex((item) => startOf(item) <= offset);
      if (index < 0) return path;
      path.push(index);
      node = node.items[index];
    } else return path;
    if (startOf(node) > offset || isAlias(node)) return path;
  }
}

function startOf(node: unknown): number {
  if (isPair(node)) return startOf(node.key);
  const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : 0;
}
