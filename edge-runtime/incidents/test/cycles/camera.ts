import type { Camera } from '@gatehouse/contracts';
import { cameraWith } from '../scenes/run.ts';
import { voiceS } from './oracle.ts';
import type { CycleScript } from './script.ts';

/** The camera of a cycle's scene. */
export function cameraOfCycles({
  alarmS,
  escalateS,
  clearS,
}: Pick<CycleScript, 'alarmS' | 'escalateS' | 'clearS'>): Camera {
  return cameraWith({
    kind: 'ebike-indoors',
    voiceAfterS: voiceS,
    alarmAfterS: alarmS,
    escalateAfterS: escalateS,
    clearAfterS: clearS,
  });
}
