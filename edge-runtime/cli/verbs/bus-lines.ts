import type { Language } from '@gatehouse/contracts';
import {
  type DryFrame,
  type FoundUnit,
  lineNotes,
  type RegisterLine,
  type ScanNews,
  text,
} from '@gatehouse/drivers/commissioning';
import { lineInWords, type Phrases } from '@gatehouse/kit';
import { padded, texts } from '../texts.ts';

/** Options of `--kind`, and the reads that they stand for. */
export const kinds = {
  coils: 'read-coils',
  inputs: 'read-inputs',
  holding: 'read-holding',
  'input-registers': 'read-input-registers',
} as const;
export const kindNames = ['coils', 'inputs', 'holding', 'input-registers'] as const;

export const busSaid = texts({
  'no-port': {
    zh: '本主机没有串口设备：请插上转换器后再看。',
    en: 'this host has no serial device: plug the adapter in and look again.',
  },
  'no-answer': {
    zh: '没有任何应答：请检查电源、A 线和 B 线，以及波特率。',
    en: 'nothing answered: check power, A and B wires, and the rate.',
  },
  'not-sent': { zh: '没有发送任何内容。', en: 'Nothing was sent.' },
  bytes: { zh: '发送 {sent}  收到 {received}', en: 'sent {sent}  received {received}' },
  asking: { zh: '正在询问 {units} 个从站', en: 'asking {units} units' },
  'asking-at': {
    zh: '正在以 {baudRate} 波特询问 {units} 个从站',
    en: 'asking {units} units at {baudRate} baud',
  },
  noise: {
    zh: '从站 {unit}：收到的不是应答（波特率或校验不同，两块控制板共用一个地址，或线路不良）',
    en: 'unit {unit}: what came is no reply (another rate or parity, two units of one address, or a bad line)',
  },
  'noise-at': {
    zh: '从站 {unit}，{baudRate} 波特：收到的不是应答（波特率或校验不同，两块控制板共用一个地址，或线路不良）',
    en: 'unit {unit} at {baudRate} baud: what came is no reply (another rate or parity, two units of one address, or a bad line)',
  },
  unit: { zh: '从站 {unit}', en: 'unit {unit}' },
  'unit-at': { zh: '从站 {unit}  {baudRate} 波特', en: 'unit {unit}  {baudRate} baud' },
  coils: { zh: '线圈：{answer}', en: 'coils: {answer}' },
  inputs: { zh: '离散输入：{answer}', en: 'inputs: {answer}' },
  holding: { zh: '保持寄存器：{answer}', en: 'holding: {answer}' },
  'input-registers': { zh: '输入寄存器：{answer}', en: 'input-registers: {answer}' },
  value: { zh: '有值', en: 'value' },
  refused: { zh: '拒绝', en: 'refused' },
  silent: { zh: '没有应答', en: 'silent' },
  signed: { zh: '（有符号 {value}）', en: '(signed {value})' },
});

/** A scan's notes besides the units that it found. */
export function notesOf(
  news: Exclude<ScanNews, { type: 'found' }>,
  units: number,
  language: Language,
): string[] {
  if (news.type === 'line') return lineNotes(news.habits, language);
  const { baudRate } = news;
  if (news.type === 'trying')
    return [
      baudRate === undefined
        ? busSaid(language, 'asking', { units })
        : busSaid(language, 'asking-at', { units, baudRate }),
    ];
  const { unit } = news;
  return [
    baudRate === undefined
      ? busSaid(language, 'noise', { unit })
      : busSaid(language, 'noise-at', { unit, baudRate }),
  ];
}

export function foundLine({ unit, baudRate, answers }: FoundUnit, language: Language): string {
  const where =
    baudRate === undefined
      ? busSaid(language, 'unit', { unit })
      : busSaid(language, 'unit-at', { unit, baudRate });
  const said = kindNames.map((name) =>
    busSaid(language, name, { answer: busSaid(language, answers[kinds[name]]) }),
  );
  return `${where}  ${said.join('  ')}`;
}

/** Parts that names of registers have behind the site file's own. */
const parts: Phrases = [
  ['{name}（第 {bit} 位）', '{name} (bit {bit})'],
  ['{name}（两个中的第一个）', '{name} (first of two)'],
  ['{name}（两个中的第二个）', '{name} (second of two)'],
];

export function registerText(line: RegisterLine, language: Language): string {
  const { address, raw, unsigned, signed, names } = line;
  const value = unsigned === undefined ? [] : [`${unsigned}`];
  const negative =
    signed === undefined || signed === unsigned ? [] : [busSaid(language, 'signed', { value: signed })];
  const called = names.map((name) => lineInWords(name, language, parts)).join(', ');
  return [String(address).padStart(5), raw, ...value, ...negative, called].join('  ').trimEnd();
}

export function frameLine({ purpose, what, bytes }: DryFrame, language: Language): string {
  return `${padded(text(language, `frame.${purpose}`), 36)}${bytes}   ${lineInWords(what, language)}`;
}
