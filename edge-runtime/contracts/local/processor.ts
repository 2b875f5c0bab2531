import type { ProcessorState } from '@gatehouse/kit';
import { type HealthFault, healthFault, type ProcessorShortage, type ServiceHealth } from './health.ts';

/** The condition's code; the console has words for it. */
const code = 'PROCESSOR_SHORT';

/**
 * The health entry of a box that is short of processor: the code, the figures and the remedy. Undefined if it
 * is not short.
 */
export function processorShort(
  state: ProcessorState,
): { readonly fault: HealthFault; readonly processor: ProcessorShortage } | undefined {
  if (!state.short) return undefined;
  const [waitedShare, perProcessor] = [rounded(state.waitedShare), rounded(state.perProcessor ?? 0)];
  const queue = state.perProcessor === undefined ? '' : `, and ${perProcessor} threads want each processor`;
  const detail =
    `${code}: the box is short of processor: work of this service waits ${Math.round(100 * waitedShare)} % of the time` +
    `${queue}. Late pictures are no camera's fault. End other programs, or lower "analysis.fps" or the number of cameras.`;
  return {
    fault: healthFault('watch', code, detail),
    processor: { waitedShare, ...(state.perProcessor === undefined ? {} : { perProcessor }) },
  };
}

/** True if a service is well except for a shortage of processor, which it did not make. */
export function isWellBesidesProcessor({ status, faults = [] }: ServiceHealth): boolean {
  if (status === 'ok') return true;
  return status === 'degraded' && faults.length > 0 && faults.every((fault) => fault.code === code);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
