import { cameraWith } from '../scenes/run.ts';

/** The cameras that the recorded tracks of each rule are replayed under. */
export const goldenCameras = {
  'fire-passage': [
    cameraWith({
      kind: 'fire-passage',
      voiceAfterS: 10,
      alarmAfterS: 20,
      escalateAfterS: 30,
      clearAfterS: 5,
    }),
  ],
  'ebike-indoors': [cameraWith({ kind: 'ebike-indoors', clearAfterS: 5 })],
  crowd: [cameraWith({ kind: 'crowd', people: 4, forS: 20, clearAfterS: 5 })],
  'gate-congestion': [cameraWith({ kind: 'gate-congestion', vehicles: 3, forS: 20, clearAfterS: 5 })],
};
