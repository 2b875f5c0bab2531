import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultInWords, healthFault } from '@gatehouse/contracts';
import { englishIn } from '@gatehouse/harness';
import { exampleOf } from '../site-file/example.ts';
import { faultLine } from '../site-file/fault-line.ts';
import { formOf, type Schema } from '../site-file/form.ts';
import en from '../site-file/locales/en.json' with { type: 'json' };
import zhCN from '../site-file/locales/zh-CN.json' with { type: 'json' };
import { formText, said } from '../site-file/said.ts';
import { siteSchema } from '../site-file/shape.ts';
import { dotted } from '../text-lines.ts';

type Tree = { readonly [key: string]: string | readonly string[] | Tree };
const flat = (tree: Tree, at = ''): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string'
      ? [[`${at}${key}`, value] as [string, string]]
      : Array.isArray(value)
        ? value.map((text, i) => [`${at}${key}[${i}]`, String(text)] as [string, string])
        : flat(value as Tree, `${at}${key}.`),
  );
const values = (text = '') => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).toSorted();

test('both languages have the same texts, which name the same values', () => {
  const [english, chinese] = [flat(en), new Map(flat(zhCN))];
  assert.deepEqual([...chinese.keys()].toSorted(), english.map(([key]) => key).toSorted());
  for (const [key, text] of english) assert.deepEqual(values(chinese.get(key)), values(text), key);
});

test('every mistake is told with the expected form and with a remedy', () => {
  for (const [code, texts] of Object.entries(en.faults)) {
    assert.equal(texts.length, 2, code);
    assert.match(texts[0] ?? '', /expected/, code);
    assert.ok((texts[1] ?? '').length > 3, code);
  }
  for (const [code, texts] of Object.entries(zhCN.faults)) {
    assert.match(texts[0] ?? '', /应/, code);
    assert.match(texts[1] ?? '', /请|应/, code);
  }
});

/** Every place of the schema with the key that it has in a file. */
function places(
  schema: Schema,
  key = '',
  path = '',
): { readonly schema: Schema; readonly key: string; readonly path: string }[] {
  const members = schema.anyOf ?? schema.oneOf ?? [];
  const inner = [
    ...members.flatMap((member) => places(member, key, path)),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => places(one, name, `${path}.${name}`)),
    ...(schema.items ? places(schema.items, key, `${path}[]`) : []),
    ...(typeof schema.additionalProperties === 'object'
      ? places(schema.additionalProperties, key, `${path}.*`)
      : []),
  ];
  return [{ schema, key, path }, ...inner];
}

test('every place of the schema has its form in words and an example that it takes', () => {
  const all = places(siteSchema());
  assert.ok(all.length > 200, `${all.length} places`);
  for (const { schema, key, path } of all) {
    const form = formOf(schema, key);
    // Without words of its own, the message for a pattern would say only "a text".
    if (schema.pattern !== undefined) assert.equal(form.is, 'named', `${path} ${schema.pattern}`);
    for (const language of ['en', 'zh-CN'] as const)
      assert.doesNotMatch(formText(form, language), /undefined|\{\{|^ *$/, path);
    assert.doesNotMatch(exampleOf(schema, key), /undefined|^$/, path);
  }
});

test('a mistake that takes a device out of service is told in Chinese, by its line of health alone', () => {
  for (const [code, texts] of Object.entries(en.faults)) {
    const names = [...new Set(values(texts.join(' ')))];
    const fault = {
      path: ['devices', 0, 'profile'],
      code: code as keyof typeof en.faults,
      values: Object.fromEntries(names.map((name, at) => [name, `v${at}`])),
    };
    const { message, remedy } = said(fault, 'zh-CN');
    const line = healthFault('people', 'OUT_OF_SERVICE', { id: 'gate', why: faultLine(fault) });
    const told = faultInWords(line, 'zh-CN');
    assert.deepEqual(englishIn(told), [], told);
    if (line.detail.endsWith('…')) continue;
    const end = remedy.endsWith('？') ? '' : '。';
    assert.equal(
      told,
      `OUT_OF_SERVICE：gate 已停用：${dotted(fault.path)}：${message}；${remedy}${end}`,
      line.detail,
    );
  }
});
