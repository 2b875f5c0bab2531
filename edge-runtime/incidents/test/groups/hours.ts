/** People on chairs and coats on chairs, for more than an hour. Imports nothing of the product. */
import fc from 'fast-check';
import { cut, Ids, lcg, type SceneFrame } from '../scenes/frames.ts';
import type { Due } from './oracle.ts';

export interface HourScript {
  readonly rule: 'crowd';
  readonly many: number;
  readonly forS: number;
  readonly clearS: number;
  /** People, each of whom sits otherwise every so often; the first chairs of the row are theirs. */
  readonly people: number;
  readonly restS: number;
  /** By this part of their height. */
  readonly move: number;
  readonly coats: number;
  /** The detector misses every chair for 4 s so often, one after another. */
  readonly missEveryS: number;
  /** The detector sees nobody for a while, and everybody has another id afterwards. */
  readonly blindS: number;
  readonly jitter: number;
  readonly seed: number;
}

const hourS = 3600;
const endS = hourS + 400;
const blindFromS = 1500;
const [height, width, step] = [0.1, 0.04, 0.03];

export const hours: fc.Arbitrary<HourScript> = fc.record({
  rule: fc.constant('crowd' as const),
  many: fc.integer({ min: 3, max: 6 }),
  forS: fc.constantFrom(10, 30),
  clearS: fc.constantFrom(10, 15),
  people: fc.integer({ min: 0, max: 5 }),
  restS: fc.integer({ min: 300, max: 1300 }),
  move: fc.double({ min: 0.08, max: 0.25, noNaN: true }),
  coats: fc.integer({ min: 0, max: 7 }),
  missEveryS: fc.constantFrom(200, 600),
  blindS: fc.constantFrom(0, 5),
  jitter: fc.constantFrom(0, 0.01, 0.02),
  seed: fc.nat(),
});

/** Three people whose moves are hardly larger than the jitter: they once were taken for coats. */
export const restlessThree: HourScript = {
  rule: 'crowd',
  many: 3,
  forS: 10,
  clearS: 10,
  people: 3,
  restS: 656,
  move: 0.08,
  coats: 0,
  missEveryS: 200,
  blindS: 0,
  jitter: 0.02,
  seed: 1100424949,
};

export function* framesOfHours(script: HourScript): Generator<SceneFrame> {
  const random = lcg(script.seed);
  const ids = new Ids();
  for (let t = 0; t < endS; t++) {
    const isBlind = t >= blindFromS && t < blindFromS + script.blindS;
    const chairs = isBlind ? 0 : script.people + script.coats;
    const tracks = Array.from({ length: chairs }, (_, n) => n).flatMap((n) => {
      const noise = () => (random() - 0.5) * 2 * script.jitter * height;
      const isPerson = n < script.people;
      // Higher and lower in turn, nobody at the same time as another.
      const lower = isPerson && Math.floor((t + n * 97) / script.restS) % 2 === 1 ? script.move * height : 0;
      const x = 0.25 + n * step;
      const box = cut(x + noise(), 0.5 + lower + noise(), x + width + noise(), 0.5 + height + noise());
      const id = ids.of(`${n} ${t < blindFromS}`);
      if (!box || isMissed(script, n, t)) return [];
      return [{ id, class: 'person' as const, score: 0.7, box, seen: true, still: true }];
    });
    yield { atMs: t * 1000, restarted: false, tracks };
  }
}

/** A chair at a time: longer than the rule's memory of a person, far shorter than it takes to clear. */
function isMissed({ missEveryS }: HourScript, n: number, t: number): boolean {
  const since = (t % missEveryS) - n * 12;
  return t > 60 && since >= 0 && since < 4;
}

/** The incidents that are due after such an hour. */
export function dueOfHours({ people, coats, many, forS, clearS, blindS }: HourScript): Due[] {
  if (people + coats < many) return [];
  const opened = { fromS: forS - 2, toS: forS + 12 };
  if (people > many - 2) return [{ opened }];
  return [{ opened, cleared: { fromS: hourS, toS: hourS + blindS + clearS + 30 } }];
}
