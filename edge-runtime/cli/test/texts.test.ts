import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Alike, padded, texts } from '../texts.ts';
import type { Verb } from '../verb.ts';

const said = texts({
  copied: { zh: '{file}：{bytes} 字节', en: '{bytes} bytes in {file}' },
  done: { zh: '完成', en: 'done' },
});

test('a text stands in the language that is asked for, with its values', () => {
  assert.equal(said('zh-CN', 'copied', { file: 'a.db', bytes: 3 }), 'a.db：3 字节');
  assert.equal(said('en', 'copied', { file: 'a.db', bytes: 3 }), '3 bytes in a.db');
  assert.equal(said('zh-CN', 'done'), '完成');
});

/** The compiler's answer; a wrong one does not compile. */
type Refuses<Given, Wanted> = [Given] extends [Wanted] ? false : true;

test('the compiler refuses a text without Chinese, one with other values, and a verb without Chinese', () => {
  type Fits = Alike<{ zh: '{a} {b}'; en: '{b} of {a}' }>;
  type Lacks = Alike<{ zh: '{a}'; en: '{a} of {b}' }>;
  type Adds = Alike<{ zh: '{a} {b}'; en: '{a}' }>;
  const fits: Refuses<Fits, never> = true;
  const lacks: Refuses<Lacks, never> = false;
  const adds: Refuses<Adds, never> = false;
  const noValues: Refuses<['zh-CN', 'copied'], Parameters<typeof said>> = true;
  const english: Refuses<{ en: 'what it does' }, Verb['summary']> = true;
  const plain: Refuses<'what it does', Verb['summary']> = true;
  assert.deepEqual([fits, lacks, adds, noValues, english, plain], [true, false, false, true, true, true]);
});

test('columns of a terminal: a Chinese character takes two', () => {
  assert.deepEqual([padded('未接警', 8), padded('new', 8)], ['未接警  ', 'new     ']);
});
