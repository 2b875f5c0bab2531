import type { Camera } from '@gatehouse/contracts';
import type { Found } from '../scenes/oracle.ts';
import { cameraWith, type EngineFactory, play } from '../scenes/run.ts';
import { jamsOf, mistakesOfJams } from './congestion.ts';
import { framesOf } from './frames.ts';
import { isClose, type Mistake, mistakesOfStays } from './oracle.ts';
import type { Script } from './script.ts';

/** The camera of a street. */
export function cameraOfStreet({ rule: kind, dwellS, clearS, many }: Script): Camera {
  const own = {
    'illegal-parking': { violationAfterS: dwellS },
    'fire-passage': { voiceAfterS: dwellS / 2, alarmAfterS: dwellS, escalateAfterS: 1.5 * dwellS },
    'gate-congestion': { vehicles: many, forS: dwellS },
  }[kind];
  return cameraWith({ kind, clearAfterS: clearS, ...own });
}

export interface Judged {
  readonly mistakes: readonly Mistake[];
  /** Nobody could tell from what is seen, or it is too close to a threshold to say. */
  readonly open: 'untold' | 'close' | undefined;
}

/** What an engine does wrong on a street. */
export function judge(script: Script, create: EngineFactory): Judged {
  const open = script.untold.length > 0 ? 'untold' : undefined;
  if (script.rule !== 'gate-congestion')
    return {
      mistakes: mistakesOfStays(script, foundOn(script, create)),
      open: open ?? (isClose(script) ? 'close' : undefined),
    };
  const jams = jamsOf(script);
  if (open || !jams) return { mistakes: [], open: open ?? 'close' };
  return { mistakes: mistakesOfJams(jams, foundOn(script, create)), open };
}

export function foundOn(script: Script, create: EngineFactory): Found[] {
  return play(framesOf(script), cameraOfStreet(script), create);
}
