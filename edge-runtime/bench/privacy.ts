import { loadRedactionModels } from '../vision/redact/load.ts';
import { measureSet } from '../vision/redact/recall/measure.ts';
import { secondDetector } from '../vision/redact/recall/second-detector.ts';
import { atNight, type StillSet, stillSets } from '../vision/redact/recall/sets.ts';

/**
 * What redaction leaves, set by set, by the eyes of a second face detector: `npm run bench -- privacy`. `faces left`: faces that it finds
 * after (value) and before (floor). `faces not covered`: faces that it finds by daylight (floor) and of them those that were not
 * covered (value), which counts also where a darkened picture hides them from both. Needs GATEHOUSE_MEDIA_DIR and
 * GATEHOUSE_MODEL_MIRROR; some minutes. Zero is zero of these faces: no detector finds all there are.
 */
const threshold = 0.3;

const sets = stillSets(process.env.GATEHOUSE_MEDIA_DIR ?? '');
if (sets.length === 0) {
  console.error('GATEHOUSE_MEDIA_DIR names no folder with the clips that this bench looks at.');
  process.exit(1);
}
const models = await loadRedactionModels();
const judges = { ...models, second: await secondDetector(), threshold };

for (const day of sets)
  for (const set of [day, await asNight(day)]) {
    const began = performance.now();
    const recall = await measureSet(set, judges, day.stills);
    const beside = {
      ...{ secondDetector: judges.second.model, fromScore: threshold },
      ...{ stills: recall.stills, refused: recall.refused },
      msAStill: Math.round((performance.now() - began) / recall.stills),
    };
    print(`faces left: ${set.name}`, recall.facesAfter, recall.facesBefore, beside);
    print(`faces not covered: ${set.name}`, recall.faces - recall.covered, recall.faces, beside);
  }

/** One JSON line; a face that is left makes the program exit with 1. */
function print(measure: string, value: number, floor: number, beside: object): void {
  const ok = value === 0;
  if (!ok) process.exitCode = 1;
  const ratio = floor === 0 ? null : Math.round((value / floor) * 1000) / 1000;
  console.log(
    JSON.stringify({
      bench: 'privacy',
      measure,
      value,
      unit: 'faces',
      floor,
      ratio,
      target: 0,
      ok,
      ...beside,
    }),
  );
}

async function asNight({ name, stills }: StillSet): Promise<StillSet> {
  return { name: `${name}, darkened`, stills: await Promise.all(stills.map(atNight)) };
}
