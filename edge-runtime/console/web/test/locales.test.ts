import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  ClockSyncState,
  CommandState,
  DesiredView,
  DesiredWait,
  Endangered,
  type Language,
  terms,
  ZoneRule,
} from '@gatehouse/contracts';
import { consolePages } from '@gatehouse/contracts/console';
import { plainWords } from '@gatehouse/errors';
import { numbersOf } from '../src/state/zone-draft.ts';

const web = join(import.meta.dirname, '..');

type Tree = { readonly [key: string]: string | Tree };
function flat(tree: Tree, prefix = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string' ? [[prefix + key, value] as const] : [...flat(value, `${prefix}${key}.`)],
    ),
  );
}
/** The pages' own texts. */
const own = (language: Language): Tree =>
  JSON.parse(readFileSync(join(web, 'locales', `${language}.json`), 'utf8'));
/** With the words for codes, as `i18n.ts` puts them together. */
const read = (language: Language) => flat({ ...terms[language], ...own(language) });
const texts = { 'zh-CN': read('zh-CN'), en: read('en') };

const sources = globSync('src/**/*.{ts,tsx}', { cwd: web }).map((path) => ({
  path,
  text: readFileSync(join(web, path), 'utf8'),
}));
const code = sources.map((file) => file.text).join('\n');
/** Keys written out: `t('a.b')`. */
const literalKeys = [...code.matchAll(/\bt\(\s*'([\w.-]+)'/g)].map((match) => match[1] ?? '');
/** Keys put together: t(`a.${b}`) -> `a.` (also with a dash: `a.b-`). */
const prefixes = [...code.matchAll(/`([a-z-]+\.[a-z-]*)\$\{/g)].map((match) => match[1] ?? '');
/** Keys in a choice: `t(x ? 'a.b' : 'a.c')` and the like. */
const quoted = new Set([...code.matchAll(/'([a-z-]+\.[\w-]+)'/g)].map((match) => match[1] ?? ''));

/** Codes of reasons and errors: quoted words in capitals of two parts or more. */
const codesIn = (text: string) =>
  [...text.matchAll(/'([A-Z]+(?:_[A-Z]+)+)'/g)].map((match) => match[1] ?? '');

describe('the texts', () => {
  it('have the same keys in both languages', () => {
    assert.deepEqual([...texts.en.keys()].toSorted(), [...texts['zh-CN'].keys()].toSorted());
  });

  it('name the same values in both languages', () => {
    const values = (text = '') => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted();
    for (const [key, text] of texts.en) assert.deepEqual(values(text), values(texts['zh-CN'].get(key)), key);
  });

  it('stand apart from the words for codes, which hide none of them', () => {
    for (const language of ['zh-CN', 'en'] as const)
      assert.deepEqual(
        Object.keys(own(language)).filter((group) => Object.hasOwn(terms[language], group)),
        [],
      );
  });

  it('name words for codes that there are', () => {
    for (const language of ['zh-CN', 'en'] as const)
      for (const [key, text] of flat(own(language)))
        for (const [, named = ''] of text.matchAll(/\$t\(([^)]*)\)/g))
          assert.ok(flat(terms[language]).has(named), `${key} names ${named}`);
  });

  it('exist for every key the pages use', () => {
    assert.ok(literalKeys.length > 50, 'the search for keys finds them');
    assert.deepEqual(
      literalKeys.filter((key) => !texts.en.has(key)),
      [],
    );
    assert.deepEqual(
      prefixes.filter((prefix) => ![...texts.en.keys()].some((key) => key.startsWith(prefix))),
      [],
    );
  });

  it('are all used', () => {
    const labels: readonly string[] = Object.values(consolePages).map(({ label }) => label);
    const used = (key: string) =>
      labels.includes(key) || quoted.has(key) || prefixes.some((prefix) => key.startsWith(prefix));
    assert.deepEqual(
      [...flat(own('en')).keys()].filter((key) => !used(key)),
      [],
    );
  });

  it('cover every value that the contracts can bring', () => {
    const wanted = [
      ...Object.values(consolePages).map(({ label }) => label),
      ...CommandState.options.map((state) => `outcome.${state}`),
      ...Endangered.options.map((whom) => `endangers.${whom}`),
      ...ClockSyncState.shape.state.options.map((state) => `clock.${state}`),
      ...DesiredView.shape.phase.options.map((phase) => `desired.${phase}`),
      ...DesiredWait.options.map((wait) => `desired.wait-${wait}`),
      ...ZoneRule.options.flatMap((rule) =>
        numbersOf(rule.parse({ kind: rule.shape.kind.value })).map(([key]) => `param.${key}`),
      ),
    ];
    assert.deepEqual(
      wanted.filter((key) => !texts.en.has(key)),
      [],
    );
  });

  it('cover every condition of the rules', () => {
    const root = join(web, '../../..');
    const rules = globSync('edge-runtime/rules/*.ts', { cwd: root }).map((path) =>
      readFileSync(join(root, path), 'utf8'),
    );
    const gates = rules.flatMap((text) =>
      [...text.matchAll(/name: '([a-z-]+)'|above\('([a-z-]+)'/g)].map((match) => match[1] ?? match[2]),
    );
    const alarms = readFileSync(join(root, 'drivers/devices/alarms.ts'), 'utf8');
    gates.push(...[...alarms.matchAll(/(?:name: |yes\()'([a-z-]+)'/g)].map((match) => match[1]));
    assert.ok(gates.length >= 4, 'the search finds them');
    const wanted = gates.map((gate) => `condition.${gate}`);
    assert.deepEqual(
      wanted.filter((key) => !texts.en.has(key)),
      [],
    );
  });

  it('cover every reason that a device, a camera or a model gives', () => {
    const root = join(web, '../../..');
    const given = [
      'drivers/{commands/{admission,device-commands,execution},devices/{fire-latch,interlock,safety},bus/request}.ts',
      'edge-runtime/vision/{puller/failure,rtsp/camera-fault,pipeline/camera-state}.ts',
      'edge-runtime/vision/{detect/onnx-detector,infer/inference-lane}.ts',
      'edge-runtime/runtime/cameras/camera-states.ts',
      'models/*.ts',
      'sync-agent/{broker/*,tls/*,uplink/mqtt-sink}.ts',
    ].map((pattern) => globSync(pattern, { cwd: root }));
    const codes = given.map((paths) =>
      paths.flatMap((path) => codesIn(readFileSync(join(root, path), 'utf8'))),
    );
    assert.ok(
      codes.every((found) => found.length > 0),
      'the search finds them',
    );
    assert.deepEqual(
      codes.flat().filter((code) => !texts.en.has(`reason.${code}`) && !(code in plainWords)),
      [],
    );
  });

  it('are nowhere but in the locale files', () => {
    const chinese = sources.filter((file) =>
      /[\u4e00-\u9fff]/.test(file.text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '')),
    );
    assert.deepEqual(
      chinese.map((file) => file.path),
      [],
    );
    // Words between tags: `>Some text<`.
    const words = sources.filter(
      (file) => file.path.endsWith('.tsx') && />\s*[A-Za-z]{3,}[A-Za-z ,.]*<\//.test(file.text),
    );
    assert.deepEqual(
      words.map((file) => file.path),
      [],
    );
  });
});
