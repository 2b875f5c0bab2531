import type { Camera } from '@gatehouse/contracts';
import { cameraWith } from '../scenes/run.ts';
import type { GroupScript } from './script.ts';

/** The camera of a group's scene. */
export function cameraOfGroup({
  rule: kind,
  many,
  forS,
  clearS,
}: Pick<GroupScript, 'rule' | 'many' | 'forS' | 'clearS'>): Camera {
  const common = { kind, forS, clearAfterS: clearS };
  return cameraWith(
    kind === 'crowd' ? { ...common, people: many, night: false } : { ...common, vehicles: many },
  );
}
