import type { ZonePrecision } from '@gatehouse/contracts';
import type { VerdictCount } from '@gatehouse/store';

/** 97.5 % quantile of the normal distribution: an interval of 95 %. */
const z = 1.959_964;

/**
 * Wilson score interval of a share (E. B. Wilson, 1927): unlike the plain share ± error it stays within 0 and
 * 1 and shows how little three verdicts are worth. `undefined` without any.
 */
export function wilsonInterval(hits: number, of: number): { low: number; high: number } | undefined {
  if (of === 0) return undefined;
  const share = hits / of;
  const spread = z * Math.sqrt((share * (1 - share)) / of + (z * z) / (4 * of * of));
  const centre = share + (z * z) / (2 * of);
  const scale = 1 + (z * z) / of;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}

/** Precision of each rule of each zone from the guards' verdicts. */
export function zonePrecision(counts: readonly VerdictCount[]): ZonePrecision[] {
  return counts.map((count) => {
    const interval = wilsonInterval(count.confirmed, count.confirmed + count.falseAlarms);
    return { ...count, ...(interval ? { interval } : {}) };
  });
}
