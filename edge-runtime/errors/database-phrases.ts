import type { Phrases } from './row.ts';

/**
 * Damage of a database in both languages: Chinese, English. The English is that of SQLite's `integrity_check`
 * (its source, btree.c and pragma.c), but for the line about a row that misses its parent (store).
 */
export const databasePhrases: Phrases = [
  ['{table} 的一行缺少它在 {parent} 中的对应行', 'a row of {table} misses its {parent}'],
  ['数据库文件已损坏', 'database disk image is malformed'],
  ['不是数据库文件', 'file is not a database'],
  ['磁盘读写错误', 'disk I/O error'],
  ['*** 数据库 {name} ***', '*** in database {name} ***'],
  ['索引 {index} 中缺少第 {row} 行', 'row {row} missing from index {index}'],
  ['索引 {index} 的条目数不对', 'wrong # of entries in index {index}'],
  ['索引 {index} 中有重复的条目', 'non-unique entry in index {index}'],
  ['索引 {index} 第 {row} 行的值不同', 'row {row} values differ from index {index}'],
  ['索引 {index} 第 {row} 行的行号不在记录末尾', 'rowid not at end-of-record for row {row} of index {index}'],
  ['{table} 的行不按主键排列', 'row not in PRIMARY KEY order for {table}'],
  ['文本或数据太长', 'string or blob too big'],
  ['{column} 中有空值', 'NULL value in {column}'],
  ['{column} 中有数值', 'NUMERIC value in {column}'],
  ['{column} 中有文本', 'TEXT value in {column}'],
  ['{table} 不符合 CHECK 约束', 'CHECK constraint failed in {table}'],
  ['B 树 {tree} 第 {page} 页第 {cell} 格：{what}', 'Tree {tree} page {page} cell {cell}: {what}'],
  ['B 树 {tree} 第 {page} 页右侧子页：{what}', 'Tree {tree} page {page} right child: {what}'],
  ['B 树 {tree} 第 {page} 页：{what}', 'Tree {tree} page {page}: {what}'],
  ['空闲页表：{what}', 'Freelist: {what}'],
  ['行号 {row} 的顺序不对', 'Rowid {row} out of order'],
  ['页号 {page} 无效', 'invalid page number {page}'],
  ['第 {page} 页被引用了两次', '2nd reference to page {page}'],
  ['第 {page} 页从未使用', 'Page {page}: never used'],
  ['第 {page} 页的第 {byte} 个字节被多次使用', 'Multiple uses for byte {byte} of page {page}'],
  [
    '第 {page} 页的碎片有 {found} 个字节，记录为 {told}',
    'Fragmentation of {found} bytes reported as {told} on page {page}',
  ],
  ['空闲空间损坏', 'free space corruption'],
  ['超出页尾', 'Extends off end of page'],
  ['偏移 {offset} 超出范围 {range}', 'Offset {offset} out of range {range}'],
  ['格的头部长度不对', 'Bad cell header size'],
  ['子页的深度不一致', 'Child page depth differs'],
  ['无法初始化该页（错误码 {code}）', 'btreeInitPage() returns error code {code}'],
  ['无法读取该页（错误码 {code}）', 'unable to get the page. error code={code}'],
  ['无法读取第 {page} 页', 'failed to get page {page}'],
  ['第 {page} 页的空闲页数太大', 'freelist leaf count too big on page {page}'],
  ['文件头中的空闲页数太小', 'free-page count in header is too small'],
  ['{what} 是 {found}，应为 {wanted}', '{what} is {found} but should be {wanted}'],
];
