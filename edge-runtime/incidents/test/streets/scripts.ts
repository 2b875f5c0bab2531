/** Streets at random. Imports nothing of the product (see script.ts). */
import fc from 'fast-check';
import { type Disturbances, disturbanceDraws, disturbed, type Name } from './disturbances.ts';
import { queue, queueDraws, type Terms, traffic, trafficDraws } from './moving.ts';
import type { Actor, Rule, Script } from './script.ts';
import { replaced, replacedDraws, row, rowDraws, shiftDraws, shifting } from './standing.ts';
import { untoldIn } from './untold.ts';

/** 1 to 25 frames a second; low rates, at which tracks are lost and frames are few, more often. */
const frameRates = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 7, max: 25 }) },
);

/** The vehicles on a street, and the detections that are missing by its kind. */
type Street = { readonly actors: readonly Actor[] } & Partial<Pick<Script, 'silences' | 'pauses'>>;
type StreetOf = (terms: Terms) => Street;

const rows = rowDraws.map(
  (draws): StreetOf =>
    (terms) => ({ actors: row(draws, terms) }),
);
const cars = trafficDraws.map(
  (draws): StreetOf =>
    (terms) => ({ actors: traffic(draws, terms) }),
);
const queues = queueDraws.map(
  (draws): StreetOf =>
    (terms) => ({ actors: queue(draws, terms) }),
);
const shifts = shiftDraws.map(
  (draws): StreetOf =>
    (terms) => ({ actors: shifting(draws, terms) }),
);
const changes = replacedDraws.map(
  (draws): StreetOf =>
    (terms) =>
      replaced(draws, terms),
);
const both = fc.tuple(rows, cars).map(
  ([standing, moving]): StreetOf =>
    (terms) => ({
      actors: [...standing(terms).actors, ...moving(terms).actors],
    }),
);

interface Kind {
  readonly street: fc.Arbitrary<StreetOf>;
  readonly ways: readonly Name[];
  readonly misses?: true;
}

/** The kinds of streets: who is on them, and what is in the way. */
const kinds: Readonly<Record<string, Kind>> = {
  traffic: { street: cars, ways: [] },
  queue: { street: queues, ways: [] },
  'moving, restarts': { street: fc.oneof(cars, queues), ways: ['pauses'] },
  'two states': { street: rows, ways: ['twoStates'] },
  'double boxes': { street: rows, ways: ['doubles'] },
  silence: { street: rows, ways: ['silences'] },
  'silence, restarts': { street: rows, ways: ['silences', 'pauses'] },
  misses: { street: rows, ways: [], misses: true },
  light: { street: rows, ways: ['lights', 'silences'] },
  'passers-by': { street: rows, ways: ['passers'] },
  trucks: { street: rows, ways: ['blocks', 'idChanges'] },
  replaced: { street: changes, ways: [] },
  shifts: { street: shifts, ways: [] },
  'ids, restarts': { street: rows, ways: ['idChanges', 'pauses'] },
  mixed: {
    street: both,
    ways: ['twoStates', 'doubles', 'silences', 'lights', 'passers', 'idChanges'],
    misses: true,
  },
};
export const kindsOfStreet = Object.keys(kinds);

/** Streets for a rule: of all kinds, each as often, or of some. */
export function streetsOf(rule: Rule, only: readonly string[] = kindsOfStreet): fc.Arbitrary<Script> {
  return fc.oneof(...only.map((kind) => streetOf(rule, kind)));
}

function streetOf(rule: Rule, kind: string): fc.Arbitrary<Script> {
  const chosen = kinds[kind];
  if (!chosen) throw new Error(`no kind of street is called "${kind}". Use: ${kindsOfStreet.join(', ')}`);
  const { street, ways, misses } = chosen;
  const some = (name: Name) =>
    ways.includes(name)
      ? { minLength: kind === 'mixed' ? 0 : 1, maxLength: name === 'pauses' ? 1 : 3 }
      : { maxLength: 0 };
  return fc
    .record({
      fps: frameRates,
      dwellS: fc.constantFrom(30, 30, 60, 60, 90),
      clearS: fc.constantFrom(5, 10),
      many: fc.integer({ min: 2, max: 3 }),
      street,
      twoStates: fc.array(disturbanceDraws.twoStates, some('twoStates')),
      doubles: fc.array(disturbanceDraws.doubles, some('doubles')),
      silences: fc.array(disturbanceDraws.silences, some('silences')),
      lights: fc.array(disturbanceDraws.lights, some('lights')),
      passers: fc.array(disturbanceDraws.passers, some('passers')),
      blocks: fc.array(disturbanceDraws.blocks, some('blocks')),
      idChanges: fc.array(disturbanceDraws.idChanges, some('idChanges')),
      pauses: fc.array(disturbanceDraws.pauses, some('pauses')),
      missShare: misses ? fc.constantFrom(0.2, 0.4, 0.6) : fc.constant(0),
      passOn: fc.constantFrom(0, 0.3, 0.8),
      revives: fc.boolean(),
      jitter: fc.constantFrom(0, 0.02, 0.05),
      seed: fc.nat(),
    })
    .map((draws) => scriptOf(rule, kind, draws));
}

/** Scenes last no longer. */
const longestS = 400;

type Drawn = Pick<
  Script,
  'fps' | 'dwellS' | 'clearS' | 'many' | 'missShare' | 'passOn' | 'revives' | 'jitter' | 'seed'
>;

function scriptOf(rule: Rule, kind: string, draws: Drawn & Disturbances & { readonly street: StreetOf }) {
  const { fps, dwellS, clearS, many, missShare, passOn, revives, jitter, seed } = draws;
  const street = draws.street({ rule, dwellS, clearS });
  const ends = street.actors.map(({ path }) => path.at(-1)?.atS ?? 0);
  const endS = Math.min(longestS, Math.max(...ends) + clearS + 15);
  const ways = disturbed(draws, street.actors, { dwellS, clearS, endS });
  const script = {
    ...{ rule, kind, fps, endS, dwellS, clearS, many, missShare, passOn, revives, jitter, seed },
    ...ways,
    silences: [...(street.silences ?? []), ...ways.silences],
    pauses: [...(street.pauses ?? []), ...ways.pauses],
  };
  return { ...script, untold: untoldIn(script) };
}
