import type { Box } from '@gatehouse/contracts';
import sharp from 'sharp';
import { fillGrey } from '../areas.ts';
import { decodeStill, type Picture } from '../picture.ts';
import { type Faces, type People, redactStill } from '../redact-still.ts';
import type { secondDetector } from './second-detector.ts';
import type { StillSet } from './sets.ts';

/** Findings of a second face detector in a set, before and after redaction. */
export interface SetRecall {
  readonly set: string;
  readonly stills: number;
  readonly facesBefore: number;
  readonly facesAfter: number;
  /**
   * Faces that the second detector finds in the pictures by daylight, and how many of them the redaction
   * covered: where the pictures to redact are darkened, both detectors see less, and only this says what was
   * missed.
   */
  readonly faces: number;
  readonly covered: number;
  /** Pictures that the redaction refused, by its code; their faces count as covered, for nothing goes. */
  readonly refused: Readonly<Record<string, number>>;
}

export interface Judges {
  readonly faces: Faces;
  readonly people: People;
  readonly second: Awaited<ReturnType<typeof secondDetector>>;
  /** Lowest score of the second detector that counts. */
  readonly threshold: number;
}

/**
 * From this share of a face on that is filled it counts as covered: a detector's box has corners beside the
 * face.
 */
const coveredShare = 0.9;
/** JPEG moves a flat grey by so much. */
const greyTolerance = 10;

/**
 * Redacts every still of a set and has both versions judged, turned upright again, for the judge knows
 * upright faces only. `byDay`: the same pictures upright and before they were darkened. No picture is too
 * crowded here.
 */
export async function measureSet(
  { name, stills, turn = 0 }: StillSet,
  { faces, people, second, threshold }: Judges,
  byDay: readonly Buffer[] = stills,
): Promise<SetRecall> {
  const count = { facesBefore: 0, facesAfter: 0, faces: 0, covered: 0 };
  const refused: Record<string, number> = {};
  for (const [i, still] of stills.entries()) {
    const original = await decodeStill(byDay[i] ?? still);
    const known = await second.find(original, threshold);
    count.faces += known.length;
    count.facesBefore += (await second.find(await upright(still, turn, original), threshold)).length;
    try {
      const { jpeg } = await redactStill(still, { faces, people, maxPeople: Number.POSITIVE_INFINITY });
      const after = await upright(jpeg, turn, original);
      count.facesAfter += (await second.find(after, threshold)).length;
      count.covered += known.filter(({ box }) => filledShare(after, box) >= coveredShare).length;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'failed';
      refused[code] = (refused[code] ?? 0) + 1;
      count.covered += known.length;
    }
  }
  return { set: name, stills: stills.length, ...count, refused };
}

/**
 * A picture that was turned, turned back and cut to what it was before: turning by less than a quarter adds
 * corners.
 */
async function upright(jpeg: Buffer, turn: number, { width, height }: Picture): Promise<Picture> {
  if (turn === 0) return decodeStill(jpeg);
  const [across, along] = [
    Math.abs(Math.cos((turn * Math.PI) / 180)),
    Math.abs(Math.sin((turn * Math.PI) / 180)),
  ];
  const back = sharp(await sharp(jpeg).rotate(-turn).png().toBuffer());
  const [turned, whole] = [await sharp(jpeg).metadata(), await back.metadata()];
  const scale = turned.width / (width * across + height * along);
  const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
  const left = Math.max(0, Math.round((whole.width - size.width) / 2));
  const top = Math.max(0, Math.round((whole.height - size.height) / 2));
  const cut = {
    left,
    top,
    width: Math.min(size.width, whole.width - left),
    height: Math.min(size.height, whole.height - top),
  };
  return decodeStill(await back.extract(cut).png().toBuffer());
}

/** Share of a box's pixels that are the fill's grey. */
function filledShare({ width, height, rgb }: Picture, { x1, y1, x2, y2 }: Box): number {
  let [filled, all] = [0, 0];
  for (let y = Math.max(0, Math.floor(y1 * height)); y < Math.min(height, Math.ceil(y2 * height)); y++)
    for (let x = Math.max(0, Math.floor(x1 * width)); x < Math.min(width, Math.ceil(x2 * width)); x++) {
      const at = 3 * (y * width + x);
      all++;
      const isGrey = [0, 1, 2].every((c) => Math.abs((rgb[at + c] as number) - fillGrey) <= greyTolerance);
      if (isGrey) filled++;
    }
  return all === 0 ? 1 : filled / all;
}
