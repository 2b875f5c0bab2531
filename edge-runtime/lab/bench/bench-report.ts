import { execFileSync } from 'node:child_process';
import { availableParallelism, hostname } from 'node:os';

/** Limits of a measure: a floor measured in the same run, and a target that must be met. */
export interface Limits {
  readonly floor?: number;
  /** Most that the value may be. */
  readonly target?: number;
  /** Least that it must be, instead. */
  readonly least?: number;
  /** Most, or least, that value / floor may be. */
  readonly mostRatio?: number;
  readonly leastRatio?: number;
}

/**
 * Returns a function that prints measures, one JSON line each; a missed target makes the program exit with 1.
 */
export function reporter(bench: string) {
  return (measure: string, value: number, unit: string, limits: Limits = {}): void => {
    const { floor, target, least, mostRatio, leastRatio } = limits;
    const ratio = floor === undefined ? undefined : value / floor;
    const ok =
      value <= (target ?? Number.POSITIVE_INFINITY) &&
      value >= (least ?? Number.NEGATIVE_INFINITY) &&
      (ratio ?? 0) <= (mostRatio ?? Number.POSITIVE_INFINITY) &&
      (ratio ?? 0) >= (leastRatio ?? Number.NEGATIVE_INFINITY);
    const line = {
      bench,
      measure,
      value: round(value),
      unit,
      floor: floor === undefined ? null : round(floor),
      ratio: ratio === undefined ? null : round(ratio),
      target: target ?? least ?? mostRatio ?? leastRatio ?? null,
      ok,
    };
    console.log(JSON.stringify(line));
    if (!ok) process.exitCode = 1;
  };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

/** The value below which `share` of all lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** The sources and the machine that measures come from: for the first line of a bench. */
export function madeBy() {
  const git = (...args: string[]) =>
    execFileSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  return {
    commit: git('rev-parse', '--short', 'HEAD'),
    changed: git('status', '--porcelain', '--untracked-files=no') !== '',
    host: hostname(),
    cores: availableParallelism(),
    node: process.version,
  };
}
