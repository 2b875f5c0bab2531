import { lineInWords, type Phrases } from '@gatehouse/kit';
import type { Language } from '../locales/terms.ts';

/** Texts of the YAML library, V8's JSON parser and zod, as far as they can get into a mistake's words. */
export const parserPhrases: Phrases = [
  ['别名上不能再有其他属性', 'An alias node must not specify any properties'],
  ['“*”后没有名称', 'Alias cannot be an empty string'],
  ['“*”后的名称以冒号结尾', 'Alias ending in : is ambiguous'],
  ['“&”后没有名称', 'Anchor cannot be an empty string'],
  ['“&”后的名称以冒号结尾', 'Anchor ending in : is ambiguous'],
  ['标签 {tag} 与内容不符', '{tag} used for {found} collection, but expects {wanted}'],
  ['“&”和标签应写在“{sign}”之后', 'Anchors and tags must be after the {sign} indicator'],
  ['一个值最多有一个“&”', 'A node can have at most one anchor'],
  ['一个值最多有一个标签', 'A node can have at most one tag'],
  ['没有标签 {tag}', 'Unresolved tag: {tag}'],
  ['不认识的符号', 'Unsupported token {token}'],
  ['文件在此处中断', 'Unexpected end of JSON input'],
  ['此处不应有 {token}，{place}', 'Unexpected token {token}, {place} is not valid JSON'],
  [
    '{line} 行 {column} 列：属性之后应有“,”或“}”',
    "Expected ',' or '}' after property value in JSON at position {at} (line {line} column {column})",
  ],
  [
    '{line} 行 {column} 列：元素之后应有“,”或“]”',
    "Expected ',' or ']' after array element in JSON at position {at} (line {line} column {column})",
  ],
  [
    '{line} 行 {column} 列：应为双引号中的键，或“}”',
    "Expected property name or '}' in JSON at position {at} (line {line} column {column})",
  ],
  [
    '{line} 行 {column} 列：应为双引号中的键',
    'Expected double-quoted property name in JSON at position {at} (line {line} column {column})',
  ],
  [
    '{line} 行 {column} 列：键后应有“:”',
    "Expected ':' after property name in JSON at position {at} (line {line} column {column})",
  ],
  [
    '{line} 行 {column} 列：文字没有结束的引号',
    'Unterminated string in JSON at position {at} (line {line} column {column})',
  ],
  [
    '{line} 行 {column} 列：文字中有控制字符',
    'Bad control character in string literal in JSON at position {at} (line {line} column {column})',
  ],
  [
    '{line} 行 {column} 列：反斜杠后不是有效的转义',
    'Bad escaped character in JSON at position {at} (line {line} column {column})',
  ],
  [
    '{line} 行 {column} 列：内容结束之后还有文字',
    'Unexpected non-whitespace character after JSON at position {at} (line {line} column {column})',
  ],
  [
    '{line} 行 {column} 列：负号后没有数字',
    'No number after minus sign in JSON at position {at} (line {line} column {column})',
  ],
  [
    '{line} 行 {column} 列：小数点后没有数字',
    'Unterminated fractional number in JSON at position {at} (line {line} column {column})',
  ],
  [
    '{line} 行 {column} 列：指数后没有数字',
    'Exponent part is missing a number in JSON at position {at} (line {line} column {column})',
  ],
];

/** A parser's text in a person's language. A text without words in Chinese is named in general. */
export function parserText(said: string, language: Language): string {
  if (language === 'en') return said;
  const told = lineInWords(said, language, parserPhrases);
  return told === said && /[A-Za-z]{3,} [a-z]{2,}/.test(said) ? '写法不对' : told;
}
