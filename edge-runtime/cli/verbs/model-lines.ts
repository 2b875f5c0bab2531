import type { Language } from '@gatehouse/contracts';
import { lineInWords, type Phrases } from '@gatehouse/kit';
import {
  type ChoiceText,
  choiceText,
  type ModelChoice,
  type ModelOutcome,
  type ModelStatus,
} from '@gatehouse/models';
import { doctorPhrases } from '../doctor/phrases.ts';
import { padded, texts } from '../texts.ts';

export const modelsSaid = texts({
  ready: { zh: '就绪', en: 'ready' },
  missing: { zh: '缺失', en: 'missing' },
  corrupt: { zh: '损坏', en: 'corrupt' },
  own: {
    zh: '成功  {id}：本软件自带，不需要获取（{file}）',
    en: 'ok    {id}: part of this software, nothing to fetch ({file})',
  },
  cache: { zh: '成功  {id}：缓存中已有，{file}', en: 'ok    {id}: cache, {file}' },
  mirror: { zh: '成功  {id}：取自镜像，{file}', en: 'ok    {id}: mirror, {file}' },
  download: { zh: '成功  {id}：已下载，{file}', en: 'ok    {id}: download, {file}' },
  derived: { zh: '成功  {id}：已转换，{file}', en: 'ok    {id}: derived, {file}' },
  failed: { zh: '失败  {id}：{problem}', en: 'fail  {id}: {problem}' },
  unusable: { zh: '失败  {problem}', en: 'fail  {problem}' },
  asking: {
    zh: '正在向 {host} 获取 {id}，{seconds} 秒内没有应答就不再等待',
    en: 'asking {host} for {id}, and goes on without it after {seconds} s',
  },
});

/** Where the catalogue says that a model comes from. An address stands for itself. */
const sources: Phrases = [
  ['本软件自带', 'part of this software'],
  ['由 {model} 转换（{derive}）', 'derived from {model} by {derive}'],
];

export function statusLine(model: ModelStatus, language: Language): string {
  const { id, state, licence, bytes, sha256, problem } = model;
  const mark = model.default ? '*' : ' ';
  const size = `${(bytes / 1e6).toFixed(1)} MB`;
  const source = lineInWords(model.source, language, sources);
  const why = problem && state === 'corrupt' ? `\n    ${lineInWords(problem, language)}` : '';
  const found = padded(modelsSaid(language, state), 8);
  return `${mark} ${id.padEnd(18)} ${found} ${size.padStart(7)}  ${licence.padEnd(12)} ${sha256.slice(0, 12)}  ${source}${why}`;
}

export function outcomeLine(outcome: ModelOutcome, language: Language): string {
  const { id, ok, origin = 'cache', file = '', problem = '' } = outcome;
  if (!ok) return modelsSaid(language, 'failed', { id, problem: lineInWords(problem, language) });
  return modelsSaid(language, origin === 'bundled' ? 'own' : origin, { id, file });
}

/** A choice as one line; the phrases are those of `doctor`, which tells choices, too. */
export function choiceLine(choice: ModelChoice, language: Language): string {
  const { detail, remedy }: ChoiceText = choiceText(choice);
  const told = (text: string) => lineInWords(text, language, doctorPhrases);
  return remedy === undefined ? told(detail) : `${told(detail)}  → ${told(remedy)}`;
}
