import { type Box, mediaLimits, type Redaction } from '@gatehouse/contracts';
import { errorOf, type GatehouseError } from '@gatehouse/kit';
import { faceArea, filled, headArea } from './areas.ts';
import { countApart, largestLookPx } from './faces.ts';
import type { Person } from './people.ts';
import { decodeStill, encodeJpeg, levelled, type Picture, shrunk } from './picture.ts';
import { boxInPicture, type Turn, turnedSize, type View } from './views.ts';

/** Finds faces; `FaceFinder` is one. */
export interface Faces {
  readonly model: string;
  find(picture: Picture, threshold: number, views: readonly View[]): Promise<Box[]>;
}

/** Finds people; `PeopleFinder` is one. */
export interface People {
  readonly model: string;
  find(picture: Picture, threshold: number, turn?: Turn, fitted?: boolean): Promise<Person[]>;
}

export interface RedactedStill {
  readonly jpeg: Buffer;
  readonly width: number;
  readonly height: number;
  readonly redaction: Redaction;
}

/**
 * A half of the face model's own threshold, and of the detectors' a third: what is filled for nothing costs a
 * grey patch. Measured in `recall/`.
 */
const faceThreshold = 0.3;
const personThreshold = 0.12;
/**
 * A turn matters if somebody is seen in it half as surely as the surest person upright, within these bounds.
 * Of 118 upright stills by day and night 6 had such a turn; of 354 turned ones, in which the detector found
 * people in 282, 279 had the right one.
 */
const turnScores = { least: 0.15, most: 0.4 };
/**
 * A person in a turned picture is the same as an upright one if their boxes overlap by this share of the
 * smaller.
 */
const sameShare = 0.5;
/**
 * Looks at what is about to leave, each followed by more filling; a picture that still shows a face after
 * them stays.
 */
const maxLooks = 4;
/** Tried in this order until the picture is small enough. */
const qualities = [80, 65, 50, 35] as const;

/**
 * A still as it may leave the box: every face with a margin and every person's head and shoulders one flat
 * grey, at most `mediaLimits`, and nothing in the file but the picture. What comes out is looked at again
 * before it is given out. Throws `STILL_UNREADABLE`, `REDACTION_CROWD` past `maxPeople` faces or people,
 * `REDACTION_INCOMPLETE`, `REDACTION_TOO_LARGE`, or what the models throw: then there is no picture.
 */
export async function redactStill(
  jpeg: Uint8Array,
  {
    faces,
    people,
    maxPeople,
  }: { readonly faces: Faces; readonly people: People; readonly maxPeople: number },
): Promise<RedactedStill> {
  const whole = await lit(await decodeStill(jpeg));
  const aspect = whole.asItIs.width / whole.asItIs.height;
  const { seen, turns } = await findPeople(people, whole);
  const views = [0 as const, ...turns].flatMap(bothSides);
  const found = await findFaces(faces, whole, views);
  const counted = { faces: countApart(found), persons: countApart(seen.map(({ box }) => box)) };
  if (Math.max(counted.faces, counted.persons) > maxPeople) throw crowd(counted, maxPeople);
  const small = await shrunk(whole.asItIs, mediaLimits.longSidePx);
  let areas = [...found.map((box) => faceArea(box, aspect)), ...seen.map(({ head }) => head)];
  for (let look = 0; look < maxLooks; look++) {
    const covered = filled(small, areas);
    const left = await findFaces(faces, await lit(covered), views);
    if (left.length > 0) {
      counted.faces += countApart(left);
      areas = [...areas, ...left.map((box) => faceArea(box, aspect))];
      continue;
    }
    const { width, height } = covered;
    const redaction = { faceModel: faces.model, personModel: people.model, ...counted };
    return { jpeg: await encodeWithin(covered), width, height, redaction };
  }
  throw errorOf('REDACTION_INCOMPLETE', { rounds: maxLooks });
}

/**
 * A picture, and the same with its light levelled: what a camera gives at night is dark to a detector taught
 * by day.
 */
interface Lit {
  readonly asItIs: Picture;
  readonly level: Picture;
}

async function lit(asItIs: Picture): Promise<Lit> {
  // No look is longer: levelling all of a 1080p picture would take 117 ms, this 50.
  return { asItIs, level: await levelled(await shrunk(asItIs, largestLookPx)) };
}

function bothSides(turn: Turn): View[] {
  return [
    { turn, mirrored: false },
    { turn, mirrored: true },
  ];
}

async function findFaces(faces: Faces, { asItIs, level }: Lit, views: readonly View[]): Promise<Box[]> {
  const found = await faces.find(asItIs, faceThreshold, views);
  return [...found, ...(await faces.find(level, faceThreshold, views))];
}

/**
 * Someone by the way they stand: the box and where head and shoulders are, both in fractions of the picture.
 */
interface Seen {
  readonly box: Box;
  readonly head: Box;
  readonly score: number;
}

/**
 * Everybody in the picture, and the turns in which somebody is seen who is not seen upright as well: a camera
 * that hangs on its side or upside down, or someone who lies. Only in those turns are faces looked for
 * besides upright.
 */
async function findPeople(
  people: People,
  { asItIs, level }: Lit,
): Promise<{ readonly seen: readonly Seen[]; readonly turns: readonly Turn[] }> {
  const both = async (turn: Turn) => {
    const found = await people.find(asItIs, personThreshold, turn);
    return [...found, ...(await people.find(level, personThreshold, turn))];
  };
  const upright = (await both(0)).map((person) => seenIn(person, 0, asItIs));
  const isNew = ({ box, score }: Seen) =>
    !upright.some((other) => other.score >= score && shareCovered(other.box, box) > sameShare);
  const surest = Math.max(0, ...upright.map(({ score }) => score));
  const leastScore = Math.min(turnScores.most, Math.max(turnScores.least, surest / 2));
  const turns: Turn[] = [];
  const turned: Seen[] = [];
  for (const turn of [90, 180, 270] as const) {
    const glance = await people.find(level, personThreshold, turn, false);
    const matters = (person: Person) => person.score >= leastScore && isNew(seenIn(person, turn, asItIs));
    if (!glance.some(matters)) continue;
    turns.push(turn);
    const found = [...glance, ...(await both(turn))];
    turned.push(...found.map((person) => seenIn(person, turn, asItIs)).filter(isNew));
  }
  return { seen: [...upright, ...turned], turns };
}

function seenIn({ box, score }: Person, turn: Turn, picture: Picture): Seen {
  const { width, height } = turnedSize(picture, turn);
  const view = { turn, mirrored: false };
  return {
    box: boxInPicture(box, view),
    head: boxInPicture(headArea(box, width / height), view),
    score,
  };
}

/** Overlap of two boxes as a share of the smaller one, 0 to 1. */
function shareCovered(a: Box, b: Box): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  const area = ({ x1, y1, x2, y2 }: Box) => (x2 - x1) * (y2 - y1);
  return (width * height) / Math.min(area(a), area(b));
}

async function encodeWithin(picture: Picture): Promise<Buffer> {
  for (const quality of qualities) {
    const jpeg = await encodeJpeg(picture, quality);
    if (jpeg.length <= mediaLimits.bytes) return jpeg;
  }
  throw errorOf('REDACTION_TOO_LARGE', { bytes: mediaLimits.bytes });
}

function crowd(found: { readonly faces: number; readonly persons: number }, most: number): GatehouseError {
  return errorOf('REDACTION_CROWD', { faces: found.faces, persons: found.persons, most });
}
