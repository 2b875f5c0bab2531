/** Disturbances of a street, at random. Imports nothing of the product (see script.ts). */
import fc from 'fast-check';
import { inside, overlap, type Span } from '../scenes/script.ts';
import { pick, unit } from '../scenes/scripts.ts';
import { surelySeenS } from './detections.ts';
import { blocking, passer } from './makers.ts';
import { type Actor, rowY, type Script, type Stand, standsOf, toleranceS } from './script.ts';

const of = fc.nat(7);
const span = { of, at: unit, length: unit };

export const disturbanceDraws = {
  twoStates: fc.record({ of, share: unit, side: fc.constantFrom('left', 'right'), every: unit }),
  doubles: fc.record({ ...span, larger: fc.boolean(), scale: unit }),
  silences: fc.record(span),
  lights: fc.record({ at: unit, length: unit }),
  passers: fc.record({ ...span, is: fc.constantFrom('vehicle', 'person'), swaps: fc.boolean() }),
  blocks: fc.record(span),
  idChanges: fc.record({ of, at: unit }),
  pauses: fc.record({ at: unit, length: unit, short: fc.boolean(), restart: fc.boolean() }),
} as const;

export type Name = keyof typeof disturbanceDraws;
type Drawn<T> = T extends fc.Arbitrary<infer U> ? U : never;
export type Disturbances = { readonly [name in Name]: readonly Drawn<(typeof disturbanceDraws)[name]>[] };

/** All disturbances of a street of these actors, and the actors that they bring. */
export function disturbed(
  d: Disturbances,
  actors: readonly Actor[],
  { dwellS, clearS, endS }: Pick<Script, 'dwellS' | 'clearS' | 'endS'>,
) {
  const stands = actors.flatMap((actor, index) =>
    actor.is === 'vehicle' ? standsOf(actor).map((stand) => ({ actor: index, ...stand })) : [],
  );
  /** Disturbances of a street on which nobody stands are none. */
  const each = <T extends { readonly of: number }, R>(
    draws: readonly T[],
    make: (draw: T, stand: OfActor, n: number) => R[],
  ) =>
    draws.flatMap((draw, n) => {
      const stand = stands[draw.of % Math.max(1, stands.length)];
      return stand ? make(draw, stand, n) : [];
    });
  const blocks = each(d.blocks, (draw, stand, n) => blockOf(draw, stand, n, dwellS)).filter(
    (one, n, all) => !all.slice(0, n).some((other) => overlap(one, other, 6)),
  );
  const passers = each(d.passers, passerOf);
  const firstPasser = actors.length + blocks.length;
  return {
    actors: [...actors, ...blocks.map(({ actor }) => actor), ...passers.map(({ actor }) => actor)],
    twoStates: each(d.twoStates, ({ share, side, every }, { actor }) => [
      {
        actor,
        share: 0.55 + Math.round(share * 45) / 100,
        side: side === 'left' ? ('left' as const) : ('right' as const),
        everyS: pick(every, 0.2, 10),
      },
    ]),
    doubles: each(d.doubles, ({ at, length, larger, scale }, { actor, fromS, toS }) => {
      const startS = pick(at, fromS, toS);
      const times = larger ? 1.2 + 0.4 * scale : 0.6 + 0.3 * scale;
      return [{ actor, scale: times, fromS: startS, toS: startS + pick(length, 2, 60) }];
    }),
    silences: each(d.silences, silenceOf),
    lights: d.lights.map(({ at, length }): Span => {
      const fromS = pick(at, 0, endS);
      return { fromS, toS: fromS + pick(length, 1, 5) };
    }),
    idChanges: each(d.idChanges, ({ at }, { actor, fromS, toS }) => [{ actor, atS: pick(at, fromS, toS) }]),
    swaps: passers.flatMap(({ swapWith, atS }, n) =>
      swapWith === null ? [] : [{ a: swapWith, b: firstPasser + n, atS }],
    ),
    pauses: d.pauses
      .map((draw) => pauseOf(draw, endS, dwellS))
      .filter((pause) => isAwayFromEnds(stands, pause, clearS)),
  };
}

type OfActor = Stand & { readonly actor: number };

/** A detector that does not see a vehicle whose place is known. */
function silenceOf({ at, length }: Drawn<typeof disturbanceDraws.silences>, { actor, fromS, toS }: OfActor) {
  const latestS = toS - 2;
  const startS = pick(at, fromS + surelySeenS, latestS);
  const silence = { actor, fromS: startS, toS: Math.min(latestS, startS + pick(length, 1, 60)) };
  return startS >= fromS + surelySeenS && silence.toS > startS ? [silence] : [];
}

/** A truck in front of a place of the row; it does not stay for long enough to be an incident itself. */
function blockOf(
  { at, length }: Drawn<typeof disturbanceDraws.blocks>,
  { x, y, fromS, toS }: OfActor,
  n: number,
  dwellS: number,
) {
  const lastsS = pick(length, 8, Math.min(dwellS, 60) - 8);
  const startS = pick(at, fromS + surelySeenS + 2, toS - 6 - lastsS);
  const block = { fromS: startS, toS: startS + lastsS };
  const fits = y === rowY && startS > fromS + surelySeenS && block.toS < toS - 4;
  return fits ? [{ ...block, actor: blocking(300 + n, x, block) }] : [];
}

function passerOf(
  { at, length, is, swaps }: Drawn<typeof disturbanceDraws.passers>,
  { actor, x, y, fromS, toS }: OfActor,
  n: number,
) {
  const atS = pick(at, fromS, toS);
  const fits = y === rowY && inside(atS, { fromS: fromS + surelySeenS, toS: toS - 4 });
  const made = passer(is === 'person' ? 'person' : 'vehicle', 200 + n, x, atS, pick(length, 0.5, 3));
  // Ids of a person and a vehicle are never swapped.
  return fits ? [{ actor: made, atS, swapWith: swaps && is === 'vehicle' ? actor : null }] : [];
}

function pauseOf(
  { at, length, short, restart }: Drawn<typeof disturbanceDraws.pauses>,
  endS: number,
  dwellS: number,
) {
  const fromS = pick(at, 5, endS - 5);
  const lastsS = short ? pick(length, 0.5, toleranceS(dwellS) - 2) : pick(length, toleranceS(dwellS) + 2, 60);
  return { fromS, toS: fromS + lastsS, restart };
}

/** Nobody sees a change within a pause: a pause is well away from where a vehicle comes or leaves. */
function isAwayFromEnds(stands: readonly Span[], pause: Span, clearS: number): boolean {
  const ends = stands.flatMap(({ fromS, toS }) => [fromS, toS]);
  return ends.every((atS) => atS <= 0 || !overlap(pause, { fromS: atS, toS: atS }, 4 + clearS / 2));
}
