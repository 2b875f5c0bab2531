import type { ProcessorState } from '@gatehouse/kit';
import type { ProcessorShortage, ServiceHealth } from './api.ts';

/** The condition's code; the console has words for it. */
const code = 'PROCESSOR_SHORT';

/** What health says about a box that is short of processor: the code, the figures and the remedy. Undefined if it is not. */
export function processorShort(
  state: ProcessorState,
): { readonly detail: string; readonly processor: ProcessorShortage } | undefined {
  if (!state.short) return undefined;
  const [waitedShare, perProcessor] = [rounded(state.waitedShare), rounded(state.perProcessor ?? 0)];
  const queue = state.perProcessor === undefined ? '' : `, and ${perProcessor} threads want each processor`;
  return {
    detail:
      `${code}: the box is short of processor: work of this service waits ${Math.round(100 * waitedShare)} % of the time` +
      `${queue}. Late pictures are no camera's fault. End other programs, or lower "analysis.fps" or the number of cameras.`,
    processor: { waitedShare, ...(state.perProcessor === undefined ? {} : { perProcessor }) },
  };
}

/** Whether a service is well but for a shortage of processor, which it did not make. */
export function isWellBesidesProcessor({ status, detail, processor }: ServiceHealth): boolean {
  if (status === 'ok') return true;
  return status === 'degraded' && processor !== undefined && detail?.startsWith(code) === true;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
