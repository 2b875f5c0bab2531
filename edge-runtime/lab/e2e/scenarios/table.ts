import { f1, type Score } from './judge.ts';

/** One scenario's outcome. */
export interface Row {
  readonly name: string;
  /** The source that it was judged from. */
  readonly from: string;
  readonly unknownKinds: readonly string[];
  readonly score: Score;
}

const columns = [22, 20, 4, 4, 4, 6, 8] as const;

/**
 * A table for people: each scenario's counts, F1 and delay, its faults below it, and all of them together at
 * the end.
 */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ name, from, unknownKinds, score }) => [
    line(name, from, score),
    ...score.faults.map((fault) => `    ${fault}`),
    ...unknownKinds.map((kind) => `    the product has no rule ${kind} yet: not judged`),
  ]);
  const sum = (count: (score: Score) => number) => rows.reduce((total, row) => total + count(row.score), 0);
  const total: Score = {
    found: sum(({ found }) => found),
    missed: sum(({ missed }) => missed),
    unexpected: sum(({ unexpected }) => unexpected),
    faults: rows.flatMap(({ score }) => score.faults),
    delaysS: rows.flatMap(({ score }) => score.delaysS),
  };
  const head = cells(['scenario', 'judged from', 'hit', 'miss', 'new', 'F1', 'delay s']);
  return [head, ...lines, line(`all ${rows.length}`, '', total)].join('\n');
}

function line(name: string, from: string, score: Score): string {
  const { found, missed, unexpected, delaysS } = score;
  const worst = delaysS.length > 0 ? Math.max(...delaysS).toFixed(1) : '-';
  return cells([name, from, String(found), String(missed), String(unexpected), f1(score).toFixed(2), worst]);
}

function cells(texts: readonly string[]): string {
  return texts
    .map((text, i) => (i < 2 ? text.padEnd(columns[i] ?? 0) : text.padStart(columns[i] ?? 0)))
    .join(' ');
}
