import { f1, type Verdict } from './judge.ts';

/** One scenario's outcome. */
export interface Row {
  readonly name: string;
  /** What it was judged from. */
  readonly from: string;
  readonly unknownKinds: readonly string[];
  readonly verdict: Verdict;
}

const columns = [22, 20, 4, 4, 4, 6, 8] as const;

/** A table for people: each scenario's counts, F1 and delay, what is wrong below it, and all of them together at the end. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.flatMap(({ name, from, unknownKinds, verdict }) => [
    line(name, from, verdict),
    ...verdict.faults.map((fault) => `    ${fault}`),
    ...unknownKinds.map((kind) => `    the product has no rule ${kind} yet: not judged`),
  ]);
  const sum = (count: (verdict: Verdict) => number) =>
    rows.reduce((total, row) => total + count(row.verdict), 0);
  const total: Verdict = {
    found: sum(({ found }) => found),
    missed: sum(({ missed }) => missed),
    unexpected: sum(({ unexpected }) => unexpected),
    faults: rows.flatMap(({ verdict }) => verdict.faults),
    delaysS: rows.flatMap(({ verdict }) => verdict.delaysS),
  };
  const head = cells(['scenario', 'judged from', 'hit', 'miss', 'new', 'F1', 'delay s']);
  return [head, ...lines, line(`all ${rows.length}`, '', total)].join('\n');
}

function line(name: string, from: string, verdict: Verdict): string {
  const { found, missed, unexpected, delaysS } = verdict;
  const worst = delaysS.length > 0 ? Math.max(...delaysS).toFixed(1) : '-';
  return cells([
    name,
    from,
    String(found),
    String(missed),
    String(unexpected),
    f1(verdict).toFixed(2),
    worst,
  ]);
}

function cells(texts: readonly string[]): string {
  return texts
    .map((text, i) => (i < 2 ? text.padEnd(columns[i] ?? 0) : text.padStart(columns[i] ?? 0)))
    .join(' ');
}
