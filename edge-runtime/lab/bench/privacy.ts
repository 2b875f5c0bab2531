import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { resolveModel } from '@gatehouse/models';
import sharp from 'sharp';
import { inputSizeFor } from '../../vision/detect/fit.ts';
import { loadRedactionModels } from '../../vision/redact/load.ts';
import { measureSet } from '../../vision/redact/recall/measure.ts';
import { secondDetector } from '../../vision/redact/recall/second-detector.ts';
import {
  atNight,
  portraitSet,
  type StillSet,
  stillSets,
  turnedSet,
} from '../../vision/redact/recall/sets.ts';
import { redactStill } from '../../vision/redact/redact-still.ts';

/**
 * Faces that redaction leaves, set by set, as a second face detector finds them: `npm run bench -- privacy`.
 *
 * - `faces left`: faces that it finds after (value) and before (floor).
 * - `faces not covered`: faces that it finds by daylight (floor) and of them those that were not covered
 *   (value). This counts also where a darkened picture hides them from both.
 * - `a 1080p still`: the cost of an upright still (value), and its bare inferences (floor).
 *
 * Every third picture is also cut to a portrait, and turned by 90°, 180° and 270°, as from a camera that
 * hangs on its side or upside down, and by 30° and 45°, without a promise. Needs GATEHOUSE_MEDIA_DIR and
 * GATEHOUSE_MODEL_MIRROR; half an hour, or some minutes for named parts: `npm run bench -- privacy cost
 * walking`. Zero is zero of these faces: no detector finds all there are.
 */
const threshold = 0.3;
const turns = [90, 180, 270, 30, 45];
const picture = { width: 1920, height: 1080 };

const parts = process.argv.slice(2);
const isAsked = (part: string) => parts.length === 0 || parts.includes(part);
const sets = stillSets(process.env.GATEHOUSE_MEDIA_DIR ?? '');
if (sets.length === 0) {
  console.error('GATEHOUSE_MEDIA_DIR names no folder with the clips that this bench looks at.');
  process.exit(1);
}
const models = await loadRedactionModels();
const judges = { ...models, second: await secondDetector(), threshold };

if (isAsked('cost')) await costOfAStill();
for (const day of sets.filter(({ name }) => isAsked(name)))
  for (const { set, upright } of await variants(day)) {
    const began = performance.now();
    const recall = await measureSet(set, judges, upright.stills);
    const beside = {
      secondDetector: judges.second.model,
      fromScore: threshold,
      stills: recall.stills,
      refused: recall.refused,
      msAStill: Math.round((performance.now() - began) / recall.stills),
    };
    // Cameras hang upright, on their side or upside down. Other angles are measured, and nothing is promised
    // for them.
    const target = (set.turn ?? 0) % 90 === 0 ? 0 : undefined;
    print(`faces left: ${set.name}`, recall.facesAfter, recall.facesBefore, beside, target);
    print(`faces not covered: ${set.name}`, recall.faces - recall.covered, recall.faces, beside, target);
  }

/**
 * By day and darkened: as they are, and every third still turned and as a portrait. `upright`: the same by
 * day and not turned.
 */
async function variants(day: StillSet): Promise<{ readonly set: StillSet; readonly upright: StillSet }[]> {
  const night = await asNight(day);
  const some = (set: StillSet): StillSet => ({ ...set, stills: set.stills.filter((_, i) => i % 3 === 0) });
  const tall = await portraitSet(some(day));
  const turned = turns.flatMap((turn) => [turnedSet(some(day), turn), turnedSet(some(night), turn)]);
  return [
    ...[day, night].map((set) => ({ set, upright: day })),
    ...[tall, await asNight(tall)].map((set) => ({ set, upright: tall })),
    ...(await Promise.all(turned)).map((set) => ({ set, upright: some(day) })),
  ];
}

/**
 * The cost of redacting a real picture of a camera's size; the floor is a bare loop of the inferences that an
 * upright one needs.
 */
async function costOfAStill(): Promise<void> {
  const large = (still: Buffer) =>
    sharp(still).resize(1920, 1080, { fit: 'cover' }).jpeg({ quality: 92 }).toBuffer();
  const stills = await Promise.all(sets.flatMap(({ stills: [first] }) => (first ? [large(first)] : [])));
  const redact = (still: Buffer) => redactStill(still, { ...models, maxPeople: Number.POSITIVE_INFINITY });
  for (const still of stills.slice(0, 1)) await redact(still);
  const before = process.cpuUsage();
  for (const still of stills) await redact(still);
  const { user, system } = process.cpuUsage(before);
  const value = Math.round((user + system) / 1000 / stills.length);
  const floor = Math.round(await bareInferencesMs());
  const line = { bench: 'privacy', measure: 'a 1080p still', value, unit: 'cpu-ms', floor };
  console.log(JSON.stringify({ ...line, ratio: rounded(value / floor), stills: stills.length }));
}

/**
 * Processor time of the looks at one upright still and at its redacted copy: each size in two views and two
 * lights, and people.
 */
async function bareInferencesMs(): Promise<number> {
  const [face, person] = await Promise.all([
    resolveModel(models.faces.model),
    resolveModel(models.people.model),
  ]);
  const looks = [
    ...[1280, 640, 320].map((longSide) => [face, 8, inputSizeFor(face.entry, picture, longSide)] as const),
    [person, 2, inputSizeFor(person.entry, picture, 640)] as const,
  ];
  let ms = 0;
  for (const [{ file }, count, { width, height }] of looks) {
    const args = [join(import.meta.dirname, 'floors/vision-floor.ts'), 'infer', file, count, width, height];
    const { stdout } = await promisify(execFile)(process.execPath, args.map(String));
    ms += 1000 * JSON.parse(stdout).cpuSeconds;
  }
  return ms;
}

/** One JSON line; a face that is left where none may be makes the program exit with 1. */
function print(measure: string, value: number, floor: number, beside: object, target: 0 | undefined): void {
  const ok = target === undefined ? undefined : value === target;
  if (ok === false) process.exitCode = 1;
  const ratio = floor === 0 ? null : rounded(value / floor);
  console.log(
    JSON.stringify({
      bench: 'privacy',
      measure,
      value,
      unit: 'faces',
      floor,
      ratio,
      target,
      ok,
      ...beside,
    }),
  );
}

function rounded(ratio: number): number {
  return Math.round(ratio * 1000) / 1000;
}

async function asNight({ name, stills }: StillSet): Promise<StillSet> {
  return { name: `${name}, darkened`, stills: await Promise.all(stills.map(atNight)) };
}
