import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CommandState,
  DeviceAction,
  InputKind,
  type Language,
  type TermGroup,
  term,
} from '@gatehouse/contracts';
import { DeviceEventFilter, DeviceEventKind } from './host/device-event-filter.ts';
import { IncidentFilter } from './host/incident-filter.ts';

/**
 * Node-RED reads a node's texts from a JSON file beside it, in folders of its own names. The words for codes
 * in these files are copies of those in the contracts: `node flows/palette-words.ts` writes them, and a test
 * finds a file that differs.
 */
const folders: readonly (readonly [folder: string, language: Language])[] = [
  ['zh-CN', 'zh-CN'],
  ['en-US', 'en'],
];

/**
 * The choices of the dialog. The editor hands a node's texts to its dialog one by one, so the list is a text
 * as well.
 */
const incidentKinds: readonly string[] = IncidentFilter.shape.kinds.unwrap().element.options;

type Words = Readonly<Record<string, string>>;
type NodeTexts = Readonly<Record<string, string | Words>>;
/** The content of a file: the texts of one node, below the node's name. */
export type PaletteTexts = Readonly<Record<string, NodeTexts>>;

export interface PaletteFile {
  readonly path: string;
  readonly language: Language;
  readonly node: string;
}

/**
 * The groups of a node that hold words for codes. A code without a word (`voice`, `reading`) keeps the node's
 * own text.
 */
const groups: Readonly<Record<string, Readonly<Record<string, readonly [TermGroup, readonly string[]]>>>> = {
  'incident-in': {
    kinds: ['kind', incidentKinds],
    changes: ['change', IncidentFilter.shape.changes.unwrap().element.options],
    status: ['link-state', ['connected']],
  },
  'device-event-in': {
    kinds: ['kind', DeviceEventKind.options],
    changes: ['change', DeviceEventFilter.shape.changes.unwrap().element.options],
    signal: ['signal', InputKind.options],
    status: ['link-state', ['connected']],
  },
  'device-request': {
    action: ['action', DeviceAction.options],
    status: ['command', CommandState.options],
  },
};

/** Every file of the palette's texts. */
export const paletteFiles: readonly PaletteFile[] = folders.flatMap(([folder, language]) =>
  Object.keys(groups).map((node) => ({
    path: join(import.meta.dirname, 'nodes/locales', folder, `gatehouse-${node}.json`),
    language,
    node,
  })),
);

/** The texts of a file with the words of the contracts in place of what it had for them. */
export function withWords({ language, node }: PaletteFile, texts: PaletteTexts): PaletteTexts {
  const own = texts[node] ?? {};
  const filled = Object.entries(groups[node] ?? {}).map(([name, [group, codes]]) => {
    const before = own[name];
    const kept: Words = typeof before === 'object' ? before : {};
    const words = codes.map((code) => {
      const word = term(language, group, code);
      return [code, word === code ? (kept[code] ?? code) : word] as const;
    });
    return [name, { ...kept, ...Object.fromEntries(words) }] as const;
  });
  const more =
    node === 'incident-in'
      ? { priority: leastPriority(language), 'kinds-in-order': incidentKinds.join(' ') }
      : {};
  return { [node]: { ...own, ...Object.fromEntries(filled), ...more } };
}

/** The incidents that pass, by the lowest priority. */
function leastPriority(language: Language): Words {
  const [urgent, important] = [term(language, 'priority', 1), term(language, 'priority', 2)];
  return language === 'zh-CN'
    ? { 1: `仅${urgent}`, 2: `${urgent}和${important}`, 3: '全部' }
    : { 1: `${urgent} only`, 2: `${urgent} and ${important}`, 3: 'All' };
}

/** A file's texts as they lie on disk. */
export function readTexts({ path }: PaletteFile): PaletteTexts {
  return JSON.parse(readFileSync(path, 'utf8'));
}

if (import.meta.main)
  for (const file of paletteFiles)
    writeFileSync(file.path, `${JSON.stringify(withWords(file, readTexts(file)), null, 2)}\n`);
