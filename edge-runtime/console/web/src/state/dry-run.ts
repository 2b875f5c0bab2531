import type { DryRun, DryRunResult, Zone } from '@gatehouse/contracts';
import { useCallback, useEffect, useRef, useState } from 'react';
import { callApi } from '../api.ts';

export interface DryRunState {
  readonly run?: DryRun;
  /** The very zones that were tried: a result says nothing about others. */
  readonly tried?: readonly Zone[];
  readonly error?: unknown;
}

const askEveryMs = 500;

/** Tries zones on the stored tracks of a camera; one run at a time, cancelled when the page is left. */
export function useDryRun(camera: string) {
  const [state, set] = useState<DryRunState>({});
  const running = useRef<string | undefined>(undefined);
  const cancel = useCallback(() => {
    const id = running.current;
    running.current = undefined;
    if (id !== undefined)
      callApi('POST', `/api/dry-runs/${id}/cancel`, {}).catch((error) =>
        console.warn('not cancelled', error),
      );
    set({});
  }, []);
  useEffect(() => cancel, [cancel]);
  const begin = useCallback(
    async (zones: readonly Zone[]) => {
      try {
        let run = await callApi<DryRun>('POST', `/api/cameras/${encodeURIComponent(camera)}/dry-runs`, {
          zones,
        });
        running.current = run.id;
        set({ run, tried: zones });
        while (run.state === 'running' && running.current === run.id) {
          await new Promise((resolve) => setTimeout(resolve, askEveryMs));
          run = await callApi<DryRun>('GET', `/api/dry-runs/${run.id}`);
          if (running.current === run.id) set({ run, tried: zones });
        }
      } catch (error) {
        set({ error });
      }
      running.current = undefined;
    },
    [camera],
  );
  return { state, begin, cancel };
}

/** A dry run in numbers. */
export function summary({ wouldRaise, wouldMiss }: DryRunResult) {
  const labels = wouldRaise.map(({ really }) => (really ? (really.verdict?.label ?? 'unlabelled') : 'fresh'));
  const count = (label: (typeof labels)[number]) => labels.filter((one) => one === label).length;
  return {
    confirmed: count('confirmed'),
    falseAlarms: count('false-alarm'),
    unlabelled: count('unlabelled'),
    fresh: count('fresh'),
    missedConfirmed: wouldMiss.filter(({ verdict }) => verdict?.label === 'confirmed').length,
    missedFalse: wouldMiss.filter(({ verdict }) => verdict?.label === 'false-alarm').length,
  };
}
