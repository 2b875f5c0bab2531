import type { DryRun, DryRunResult, Zone } from '@gatehouse/contracts';
import { useCallback, useEffect, useRef, useState } from 'react';
import { callApi } from '../api.ts';

export interface DryRunState {
  readonly run?: DryRun;
  /** The zones that were tried: a result says nothing about others. */
  readonly tried?: readonly Zone[];
  readonly error?: unknown;
}

const askEveryMs = 500;

function stop(id: string): void {
  callApi('cancelDryRun', { id }).catch((error) => console.warn('not cancelled', error));
}

/** Tries zones on the stored tracks of a camera; one run at a time, cancelled when the page is left. */
export function useDryRun(camera: string) {
  const [state, set] = useState<DryRunState>({});
  /** The wanted run. A run that was left before the box's answer is cancelled after it. */
  const wanted = useRef<{ id?: string } | undefined>(undefined);
  const cancel = useCallback(() => {
    if (wanted.current?.id !== undefined) stop(wanted.current.id);
    wanted.current = undefined;
    set({});
  }, []);
  useEffect(() => cancel, [cancel]);
  const begin = useCallback(
    async (zones: readonly Zone[]) => {
      const mine: { id?: string } = {};
      wanted.current = mine;
      const isWanted = () => wanted.current === mine;
      try {
        let run = await callApi('dryRun', { id: camera, body: { zones: [...zones] } });
        if (!isWanted()) return stop(run.id);
        mine.id = run.id;
        while (isWanted()) {
          set({ run, tried: zones });
          if (run.state !== 'running') return;
          await new Promise((resolve) => setTimeout(resolve, askEveryMs));
          run = await callApi('getDryRun', { id: run.id });
        }
      } catch (error) {
        if (isWanted()) set({ error });
      }
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
    missedUnlabelled: wouldMiss.filter(({ verdict }) => verdict === undefined).length,
    missedFalse: wouldMiss.filter(({ verdict }) => verdict?.label === 'false-alarm').length,
  };
}
