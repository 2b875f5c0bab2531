/** The mistakes in the findings of a street. Imports nothing of the product (see script.ts). */
import type { Found } from '../scenes/oracle.ts';
import { jamsOf, mistakesOfJams } from './congestion.ts';
import type { Mistake } from './mistakes.ts';
import { isClose, mistakesOfStays } from './parking.ts';
import type { Script } from './script.ts';

/**
 * The reason why a script does not say what is due on all of its street: nobody could tell from what is seen,
 * or it is too close to a threshold.
 */
export function isLeftOpen(script: Script): 'untold' | 'close' | undefined {
  if (script.untold.length > 0) return 'untold';
  const close = script.rule === 'gate-congestion' ? jamsOf(script) === undefined : isClose(script);
  return close ? 'close' : undefined;
}

/** All mistakes; about what the script leaves open, any answer is right. */
export function mistakesIn(script: Script, found: readonly Found[]): Mistake[] {
  if (script.rule !== 'gate-congestion') return mistakesOfStays(script, found);
  const jams = jamsOf(script);
  return jams && script.untold.length === 0 ? mistakesOfJams(jams, found) : [];
}
