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
  /** One box in so many is missed. */
  readonly missed: number;
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
  clearS: fc.constantFrom(5, 15),
  people: fc.integer({ min: 0, max: 5 }),
  restS: fc.integer({ min: 300, max: 1300 }),
  move: fc.double({ min: 0.08, max: 0.25, noNaN: true }),
  coats: fc.integer({ min: 0, max: 7 }),
  missed: fc.constantFrom(8, 50),
  blindS: fc.constantFrom(0, 5, 10),
  jitter: fc.constantFrom(0, 0.01, 0.02),
  seed: fc.nat(),
});

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
      if (!box || random() * script.missed < 1) return [];
      return [{ id, class: 'person' as const, score: 0.7, box, seen: true, still: true }];
    });
    yield { atMs: t * 1000, restarted: false, tracks };
  }
}

/** What such an hour must raise; `undefined` where chance decides whether enough are seen. */
export function dueOfHours({ people, coats, many, forS, clearS, blindS }: HourScript): Due[] | undefined {
  if (people + coats < many) return [];
  // Longer than it takes to clear: it ends, and opens again.
  if (blindS > clearS - 3) return undefined;
  const opened = { fromS: forS - 2, toS: forS + 12 };
  if (people > many - 2) return [{ opened }];
  return [{ opened, cleared: { fromS: hourS, toS: hourS + blindS + clearS + 30 } }];
}
