import { loadRedactionModels } from '../vision/redact/load.ts';
import { measureSet } from '../vision/redact/recall/measure.ts';
import { secondDetector } from '../vision/redact/recall/second-detector.ts';
import { atNight, type StillSet, stillSets } from '../vision/redact/recall/sets.ts';

/**
 * What a second face detector still finds in redacted pictures, set by set: `npm run bench -- privacy`. `value`: faces after, `floor`:
 * faces that the same detector finds in the same pictures before. Needs GATEHOUSE_MEDIA_DIR and GATEHOUSE_MODEL_MIRROR; some minutes.
 * The recall of no detector is 100 %: zero here is zero of these faces, not of all.
 */
const thresholds = [0.3, 0.5];

const folder = process.env.GATEHOUSE_MEDIA_DIR ?? '';
const sets = stillSets(folder);
if (sets.length === 0) {
  console.error('GATEHOUSE_MEDIA_DIR names no folder with the clips that this bench looks at.');
  process.exit(1);
}
const models = await loadRedactionModels();
const second = await secondDetector();

for (const day of sets)
  for (const set of [day, await asNight(day)])
    for (const threshold of thresholds) {
      const began = performance.now();
      const { stills, facesBefore, facesAfter, refused } = await measureSet(set, {
        ...models,
        second,
        threshold,
      });
      const ok = facesAfter === 0;
      if (!ok) process.exitCode = 1;
      const line = {
        ...{ bench: 'privacy', measure: `faces left: ${set.name}`, value: facesAfter, unit: 'faces' },
        ...{ floor: facesBefore, ratio: facesBefore === 0 ? null : facesAfter / facesBefore, target: 0, ok },
        ...{ secondDetector: second.model, fromScore: threshold, stills, refused },
        msAStill: Math.round((performance.now() - began) / stills),
      };
      console.log(JSON.stringify(line));
    }

async function asNight({ name, stills }: StillSet): Promise<StillSet> {
  return { name: `${name}, darkened`, stills: await Promise.all(stills.map(atNight)) };
}
