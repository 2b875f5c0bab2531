import { type Box, mediaLimits, type Redaction } from '@gatehouse/contracts';
import { GatehouseError } from '@gatehouse/kit';
import type { Detection, DetectorFrame, InputShape } from '../detect/detector.ts';
import { faceArea, filled, headArea } from './areas.ts';
import { countApart } from './faces.ts';
import { decodeStill, encodeJpeg, levelled, type Picture, planesFor, shrunk } from './picture.ts';

/** Finds faces; `FaceFinder` is one. */
export interface Faces {
  readonly model: string;
  find(picture: Picture, threshold: number): Promise<Box[]>;
}

/** Finds people; any detector of objects is one. */
export interface People {
  readonly model: string;
  readonly input: InputShape;
  detect(frame: DetectorFrame): Promise<readonly Detection[]>;
}

export interface RedactedStill {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
  readonly redaction: Redaction;
}

/**
 * A half of the face model's own threshold, and of the detectors' a third: what is filled for nothing costs a grey patch. Measured in
 * `recall/`.
 */
const faceThreshold = 0.3;
const personThreshold = 0.12;
/** Looks at what is about to leave, each followed by more filling; a picture that still shows a face after them stays. */
const maxLooks = 4;
/** Tried in this order until the picture is small enough. */
const qualities = [80, 65, 50, 35] as const;

/**
 * A still as it may leave the box: every face with a margin and every person's head and shoulders one flat grey, at most
 * `mediaLimits`, and nothing in the file but the picture. What comes out is looked at again before it is given out. Throws
 * `STILL_UNREADABLE`, `REDACTION_CROWD` past `maxPeople` faces or people, `REDACTION_INCOMPLETE`, `REDACTION_TOO_LARGE`, or what the
 * models throw: then there is no picture.
 */
export async function redactStill(
  jpeg: Uint8Array,
  {
    faces,
    people,
    maxPeople,
  }: { readonly faces: Faces; readonly people: People; readonly maxPeople: number },
): Promise<RedactedStill> {
  const whole = await decodeStill(jpeg);
  const aspect = whole.width / whole.height;
  const persons = await findPeople(people, whole);
  const found = await findFaces(faces, whole);
  const counted = { faces: countApart(found), persons: countApart(persons) };
  if (Math.max(counted.faces, counted.persons) > maxPeople) throw crowd(counted, maxPeople);
  const small = await shrunk(whole, mediaLimits.longSidePx);
  let areas = [...found.map((box) => faceArea(box, aspect)), ...persons.map((box) => headArea(box, aspect))];
  for (let look = 0; look < maxLooks; look++) {
    const covered = filled(small, areas);
    const left = await findFaces(faces, covered);
    if (left.length > 0) {
      counted.faces += countApart(left);
      areas = [...areas, ...left.map((box) => faceArea(box, aspect))];
      continue;
    }
    const { width, height } = covered;
    const redaction = { faceModel: faces.model, personModel: people.model, ...counted };
    return { jpeg: await encodeWithin(covered), width, height, redaction };
  }
  throw new GatehouseError(
    'REDACTION_INCOMPLETE',
    'environment',
    `something like a face still shows after ${maxLooks} rounds of filling.`,
    'The picture stays on the box, where the console shows it.',
  );
}

/** In the picture as it is, and in one with its light levelled. */
async function findFaces(faces: Faces, picture: Picture): Promise<Box[]> {
  const asItIs = await faces.find(picture, faceThreshold);
  return [...asItIs, ...(await faces.find(await levelled(picture), faceThreshold))];
}

async function findPeople(people: People, picture: Picture): Promise<Box[]> {
  const found: Box[] = [];
  for (const view of [picture, await levelled(picture)]) {
    const planes = await planesFor(view, people.input);
    const all = await people.detect({ planes, sourceWidth: view.width, sourceHeight: view.height });
    for (const one of all) if (one.class === 'person' && one.score >= personThreshold) found.push(one.box);
  }
  return found;
}

async function encodeWithin(picture: Picture): Promise<Buffer> {
  for (const quality of qualities) {
    const jpeg = await encodeJpeg(picture, quality);
    if (jpeg.length <= mediaLimits.bytes) return jpeg;
  }
  throw new GatehouseError(
    'REDACTION_TOO_LARGE',
    'environment',
    `the redacted picture is over ${mediaLimits.bytes} bytes.`,
    'It stays on the box, where the console shows it.',
  );
}

function crowd(found: { readonly faces: number; readonly persons: number }, most: number): GatehouseError {
  return new GatehouseError(
    'REDACTION_CROWD',
    'input',
    `${found.faces} faces and ${found.persons} people are seen; pictures of more than ${most} stay.`,
    'See "uplink.media.maxPeople" in the site file.',
  );
}
