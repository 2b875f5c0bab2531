/** Scripts of groups at random. Imports nothing of the product. */
import fc from 'fast-check';
import { overlap, type Span } from '../scenes/script.ts';
import { frameRates, pick, unit } from '../scenes/scripts.ts';
import { endOf, type GroupScript, type Phase, toleranceS } from './script.ts';

const raw = fc.record({
  fps: frameRates,
  forS: fc.constantFrom(10, 20, 40),
  clearS: fc.constantFrom(5, 10),
  many: fc.integer({ min: 2, max: 10 }),
  /** The number above or below `many`, and the time that it lasts. */
  phases: fc.array(
    fc.record({
      more: fc.integer({ min: -4, max: 2 }),
      length: unit,
      long: fc.boolean(),
      movesUp: fc.boolean(),
    }),
    { minLength: 1, maxLength: 6 },
  ),
  dropouts: fc.array(fc.record({ member: fc.option(fc.nat(11), { freq: 1 }), at: unit, length: unit }), {
    maxLength: 8,
  }),
  idChanges: fc.array(fc.record({ member: fc.nat(11), at: unit }), { maxLength: 6 }),
  pause: fc.option(fc.record({ phase: fc.nat(5), length: unit, short: fc.boolean(), restart: fc.boolean() })),
  flow: fc.option(fc.record({ at: unit, everyS: fc.constantFrom(0.5, 1, 3.7) })),
  jitter: fc.constantFrom(0, 0.02, 0.05),
  seed: fc.nat(),
});

export const groupsOf = (rule: GroupScript['rule']): fc.Arbitrary<GroupScript> =>
  raw.map((r) => {
    const many = rule === 'crowd' ? Math.max(3, r.many) : 2 + (r.many % 4);
    const { phases, pauses } = phasesOf(rule, many, r);
    const script = {
      rule,
      many,
      phases,
      pauses,
      fps: r.fps,
      forS: r.forS,
      clearS: r.clearS,
      few: rule === 'crowd' ? many - 2 : many - 1,
      jitter: r.jitter,
      seed: r.seed,
    };
    const endS = endOf(script);
    const longest = Math.min(r.clearS, toleranceS(r.forS)) - 2;
    const dropouts: GroupScript['dropouts'][number][] = [];
    for (const { member, at, length } of r.dropouts) {
      const fromS = pick(at, 0, endS);
      const drop = { member, fromS, toS: fromS + length * longest };
      const clear = [...pauses, ...dropouts].every((other) => !overlap(other, drop, 4));
      if (clear && phases.every((phase) => awayFromEnds(phase, drop))) dropouts.push(drop);
    }
    const idChanges = r.idChanges.map(({ member, at }) => ({ member, atS: pick(at, 0, endS) }));
    const fromS = r.flow ? pick(r.flow.at, 0, endS) : 0;
    const flow = r.flow
      ? { fromS, toS: fromS + 30, everyS: rule === 'crowd' ? r.flow.everyS : 3 + r.flow.everyS }
      : null;
    return { ...script, dropouts, idChanges, flow };
  });

/**
 * Six people whom the detector misses for 3 s while others pass at a second's distance: passers-by taken for
 * them once led their crowd away.
 */
export const ledAway: GroupScript = {
  rule: 'crowd',
  many: 4,
  phases: [
    { fromS: 0, toS: 76, count: 4, place: 0 },
    { fromS: 76, toS: 145.2, count: 6, place: 0 },
    { fromS: 145.2, toS: 165.2, count: 0, place: 0 },
  ],
  pauses: [],
  fps: 1,
  forS: 10,
  clearS: 5,
  few: 2,
  jitter: 0,
  seed: 0,
  dropouts: [{ member: null, fromS: 135, toS: 137.7382146439318 }],
  idChanges: [],
  flow: { fromS: 116.8, toS: 146.8, everyS: 1 },
};

/** People pass for so long before anybody sits down. */
const leadS = 50;

/** The same crowds of people who sit. */
export const seatedGroups: fc.Arbitrary<GroupScript> = groupsOf('crowd').map((script) => ({
  ...script,
  seated: true,
  phases: [{ fromS: 0, toS: leadS, count: 0, place: 0 }, ...script.phases.map(later)],
  dropouts: script.dropouts.map(later),
  idChanges: script.idChanges.map(({ member, atS }) => ({ member, atS: atS + leadS })),
  pauses: script.pauses.map(later),
  flow: { fromS: 0.3, toS: leadS - 10, everyS: 2.3 },
}));

function later<T extends Span>(span: T): T {
  return { ...span, fromS: span.fromS + leadS, toS: span.toS + leadS };
}

type Raw = typeof raw extends fc.Arbitrary<infer T> ? T : never;

function phasesOf(rule: GroupScript['rule'], many: number, r: Raw) {
  const phases: Phase[] = [];
  const pauses: GroupScript['pauses'][number][] = [];
  const most = rule === 'crowd' ? 12 : 6;
  const toleratedS = toleranceS(r.forS);
  let atS = 0;
  let place: 0 | 1 = 0;
  for (const [n, { more, length, long, movesUp }] of [...r.phases, lastPhase].entries()) {
    const count = n === r.phases.length ? 0 : Math.max(0, Math.min(most, many + more));
    // Shorter than it takes or longer, by more than the delay of detection.
    const lengthS = long
      ? pick(length, r.forS + 10, r.forS + 60)
      : pick(length, toleratedS + 8, Math.max(toleratedS + 9, r.forS - 6));
    if (rule === 'gate-congestion' && movesUp && n > 0) place = place === 0 ? 1 : 0;
    let toS = atS + lengthS;
    if (r.pause && r.pause.phase % r.phases.length === n) {
      const fromS = atS + Math.max(6, lengthS / 2);
      const { short, length: part, restart } = r.pause;
      const pauseS = short ? pick(part, 0.5, Math.max(0.6, toleratedS - 3)) : pick(part, toleratedS + 3, 60);
      pauses.push({ fromS, toS: fromS + pauseS, restart });
      toS = Math.max(toS, fromS + 6) + pauseS;
    }
    phases.push({ fromS: atS, toS, count, place });
    atS = toS;
  }
  return { phases, pauses };
}

/** Everybody is gone for long enough to see it end. */
const lastPhase = { more: -99, length: 0, long: true, movesUp: false };

function awayFromEnds(phase: Span, drop: Span): boolean {
  return !overlap(phase, drop) || (drop.fromS >= phase.fromS + 5 && drop.toS <= phase.toS - 5);
}
