import type { Camera } from '@gatehouse/contracts';
import type { Found } from '../scenes/oracle.ts';
import { cameraWith, type EngineFactory, play } from '../scenes/run.ts';
import { framesOf } from './frames.ts';
import { isLeftOpen, mistakesIn } from './judge.ts';
import type { Mistake } from './mistakes.ts';
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

export function foundOn(script: Script, create: EngineFactory): Found[] {
  return play(framesOf(script), cameraOfStreet(script), create);
}

/** The mistakes of an engine on a street. One about which the script says nothing is not played. */
export function mistakesOn(script: Script, create: EngineFactory): Mistake[] {
  if (script.rule === 'gate-congestion' && isLeftOpen(script)) return [];
  return mistakesIn(script, foundOn(script, create));
}
