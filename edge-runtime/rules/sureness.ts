import type { Condition, Track } from '@gatehouse/contracts';

/** How long a thing was detected by the bundled detector alone, milliseconds. */
export interface Sureness {
  readonly sureMs: number;
  readonly doubtfulMs: number;
}

/**
 * Least part of that time in which the bundled detector must be sure. A drain cover that it took for a car
 * had 0.2; cars that stood had 0.9 and more.
 */
const leastSure = 0.5;

/** The beginning of a stay: `null` if another detector founds it. */
export function noSureness({ bundled }: Track): Sureness | null {
  return bundled ? { sureMs: 0, doubtfulMs: 0 } : null;
}

/** After one more detection. What another detector has seen as well is never judged by this again. */
export function surer(sureness: Sureness | null, { bundled }: Track, seenMs: number): Sureness | null {
  if (!sureness || !bundled) return null;
  const { sureMs, doubtfulMs } = sureness;
  return bundled === 'sure'
    ? { sureMs: sureMs + seenMs, doubtfulMs }
    : { sureMs, doubtfulMs: doubtfulMs + seenMs };
}

export function isSure(sureness: Sureness | null): boolean {
  return sureness === null || partOf(sureness) >= leastSure;
}

/** Told only where a stay rests on the bundled detector alone. */
export function sureConditions(sureness: Sureness | null): Condition[] {
  if (!sureness) return [];
  const value = Math.round(partOf(sureness) * 1000) / 10;
  return [{ name: 'bundled-sure', value, threshold: leastSure * 100, unit: '%', passed: isSure(sureness) }];
}

function partOf({ sureMs, doubtfulMs }: Sureness): number {
  return sureMs === 0 ? 0 : sureMs / (sureMs + doubtfulMs);
}
