/** The mistakes that an engine can make. Imports nothing of the product (see script.ts). */
import type { Found } from '../scenes/oracle.ts';

/** A fault in the findings of a street. */
export interface Mistake {
  readonly what:
    | 'not due'
    | 'missed'
    | 'twice'
    | 'early'
    | 'late'
    | 'cleared early'
    | 'cleared late'
    | 'not cleared'
    | 'order'
    | 'prompt'
    | 'escalation';
  readonly text: string;
}

/** Findings about an open incident are this far apart, unless it has become more urgent. */
const tellEveryS = 59.9;

/** Prompted at most once, then opened once, told of again at most once a minute, and cleared at most once. */
export function orderOf(stay: string, story: readonly Found[]): Mistake[] {
  const phases = story.map(({ phase }) => phase).join(' ');
  if (!/^(voice ?)?(opened( updated)*( cleared)?)?$/.test(phases))
    return [{ what: 'order', text: `${stay}: ${phases}` }];
  return story.flatMap(({ phase, t, priority }, n) => {
    const before = story[n - 1];
    const isEarly = before && t - before.t < tellEveryS && priority >= before.priority;
    return phase === 'updated' && isEarly ? [{ what: 'order', text: `${stay}: told of again at ${t}` }] : [];
  });
}
