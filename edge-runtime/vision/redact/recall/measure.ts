import { decodeStill } from '../picture.ts';
import { type Faces, type People, redactStill } from '../redact-still.ts';
import type { secondDetector } from './second-detector.ts';
import type { StillSet } from './sets.ts';

/** What a second face detector finds in a set, before and after redaction. */
export interface SetRecall {
  readonly set: string;
  readonly stills: number;
  readonly facesBefore: number;
  readonly facesAfter: number;
  /** Pictures that the redaction refused, by its code. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface Judges {
  readonly faces: Faces;
  readonly people: People;
  readonly second: Awaited<ReturnType<typeof secondDetector>>;
  /** Lowest score of the second detector that counts. */
  readonly threshold: number;
}

/** Redacts every still of a set and has both versions judged. No picture is too crowded here. */
export async function measureSet(
  { name, stills }: StillSet,
  { faces, people, second, threshold }: Judges,
): Promise<SetRecall> {
  let [facesBefore, facesAfter] = [0, 0];
  const refused: Record<string, number> = {};
  for (const still of stills) {
    facesBefore += (await second.find(await decodeStill(still), threshold)).length;
    try {
      const { jpeg } = await redactStill(still, { faces, people, maxPeople: Number.POSITIVE_INFINITY });
      facesAfter += (await second.find(await decodeStill(jpeg), threshold)).length;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
      refused[code] = (refused[code] ?? 0) + 1;
    }
  }
  return { set: name, stills: stills.length, facesBefore, facesAfter, refused };
}
