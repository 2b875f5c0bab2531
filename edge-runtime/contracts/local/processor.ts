import type { ProcessorState } from '@gatehouse/kit';
import { type HealthFault, healthFault, type ProcessorShortage, type ServiceHealth } from './health.ts';

/** The fault of a box that is short of processor, with the figures. Undefined if it is not short. */
export function processorShort(
  state: ProcessorState,
): { readonly fault: HealthFault; readonly processor: ProcessorShortage } | undefined {
  if (!state.short) return undefined;
  const [waitedShare, perProcessor] = [rounded(state.waitedShare), rounded(state.perProcessor ?? 0)];
  const percent = Math.round(100 * waitedShare);
  if (state.perProcessor === undefined)
    return { fault: healthFault('watch', 'PROCESSOR_SHORT', { percent }), processor: { waitedShare } };
  return {
    fault: healthFault('watch', 'PROCESSOR_SHORT/threads', { percent, threads: perProcessor }),
    processor: { waitedShare, perProcessor },
  };
}

/** True if a service is well except for a shortage of processor, which it did not make. */
export function isWellBesidesProcessor({ status, faults = [] }: ServiceHealth): boolean {
  if (status === 'ok') return true;
  return status === 'degraded' && faults.length > 0 && faults.every(({ code }) => code === 'PROCESSOR_SHORT');
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
