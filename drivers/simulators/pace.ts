import { setTimeout as delay } from 'node:timers/promises';
import { nowMs } from './now.ts';

/**
 * How a serial line is timed. A pty has no baud rate: the simulated slaves wait as long as a real wire would
 * take.
 */
export interface LineTiming {
  readonly baudRate: number;
  /** From the silence behind a request to the first bit of the answer, milliseconds. */
  readonly turnaroundMs: number;
  /** Waits to a fraction of a millisecond, at the cost of processor time: for measurements. */
  readonly exact?: boolean;
}

/** Time of characters on the wire at 8N1, ten bits each, milliseconds. */
export function charactersMs(timing: LineTiming, characters: number): number {
  return (characters * 10 * 1000) / timing.baudRate;
}

/**
 * The silence that tells a slave that the request is over (serial line specification V1.02, section 2.5.1.1).
 */
export function slaveSilenceMs(timing: LineTiming): number {
  return timing.baudRate > 19_200 ? 1.75 : charactersMs(timing, 3.5);
}

/** Waits until a time on the monotonic clock; a timer alone is up to 1 ms early or late. */
export async function waitUntil(untilMs: number, exact: boolean): Promise<void> {
  const coarseMs = untilMs - nowMs() - (exact ? 1.5 : 0);
  if (coarseMs > 0) await delay(exact ? Math.floor(coarseMs) : Math.ceil(coarseMs));
  while (exact && nowMs() < untilMs) await new Promise((resolve) => setImmediate(resolve));
}
