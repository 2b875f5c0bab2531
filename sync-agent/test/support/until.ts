import { sleep, systemClock } from '@gatehouse/kit';

/** Waits for a condition; fails with its name instead of hanging. Looks every 5 ms. */
export async function until<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 20_000,
): Promise<T> {
  const endMs = systemClock.monotonicMs() + limitMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (systemClock.monotonicMs() > endMs) throw new Error(`waited ${limitMs} ms in vain: ${what}`);
    await sleep(systemClock, 5);
  }
}
