import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scenarioOf } from '../cameras.ts';

/** A clip's description in which something opens at 40 s of 90. */
export function sidecar(scenario: string) {
  return {
    scenario,
    clip: `${scenario}.mp4`,
    fps: 12,
    durationS: 90,
    zones: [
      {
        id: 'kerb',
        name: { 'zh-CN': '路边', en: 'Kerb' },
        polygon: [
          [0.1, 0.2],
          [0.5, 0.2],
          [0.5, 0.6],
        ],
        rules: [{ kind: 'illegal-parking', violationAfterS: 20 }],
      },
    ],
    expected: [
      {
        kind: 'illegal-parking',
        zone: 'kerb',
        openedS: { from: 40, to: 42 },
        clearedS: { from: 70, to: 83 },
      },
    ],
  };
}

/** A folder with a clip (of no bytes) and its description for each camera of the simulated compound. */
export function clipsFor(folder: string): string {
  for (const scenario of Object.values(scenarioOf)) {
    writeFileSync(join(folder, `${scenario}.mp4`), '');
    writeFileSync(join(folder, `${scenario}.json`), JSON.stringify(sidecar(scenario)));
  }
  return folder;
}
