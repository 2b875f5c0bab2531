import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /**
   * Ends only a test that has failed; 120 s if absent. A step of 1 s has taken over 40 s on a machine that
   * ran all the tests at once.
   */
  readonly withinMs?: number;
  /** Pause between two looks; 10 ms if absent. Longer where a look costs the process that is asked. */
  readonly everyMs?: number;
}

/**
 * Asks until the answer is something other than `false`, `undefined` or `null`, and returns it. Rejects with
 * `what` when it has waited in vain, or with the error that `probe` throws.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  { withinMs = 120_000, everyMs = 10 }: Patience = {},
): Promise<Exclude<T, false | undefined | null>> {
  const endMs = performance.now() + withinMs;
  for (;;) {
    const answer = await probe();
    if (answer !== false && answer !== undefined && answer !== null)
      return answer as Exclude<T, false | undefined | null>;
    if (performance.now() > endMs) throw new Error(`waited ${withinMs / 1000} s in vain: ${what}`);
    await pause(everyMs);
  }
}
