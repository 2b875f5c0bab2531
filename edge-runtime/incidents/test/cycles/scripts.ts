/** Scripts of cycles at random. Imports nothing of the product. */
import fc from 'fast-check';
import { overlap, type Span } from '../scenes/script.ts';
import { frameRates, pick, unit } from '../scenes/scripts.ts';
import { toleranceS } from './oracle.ts';
import { type CycleScript, outS, standing, type Visit } from './script.ts';

const raw = fc.record({
  fps: frameRates,
  alarmS: fc.constantFrom(10, 20),
  clearS: fc.constantFrom(5, 10),
  rows: fc.tuple(
    ...([0, 1] as const).map(() =>
      fc.array(fc.record({ away: unit, speed: unit, x: unit, stands: fc.option(unit) }), { maxLength: 3 }),
    ),
  ),
  dropouts: fc.array(fc.record({ visit: fc.nat(5), at: unit, length: unit }), { maxLength: 4 }),
  idChanges: fc.array(fc.record({ visit: fc.nat(5), at: unit }), { maxLength: 4 }),
  pause: fc.option(fc.record({ visit: fc.nat(5), length: unit, restart: fc.boolean() })),
  flips: fc.boolean(),
  doubled: fc.boolean(),
  people: fc.nat(5),
  jitter: fc.constantFrom(0, 0.02, 0.05),
  seed: fc.nat(),
});

/** Walks of 0.03 to 0.08 of the picture's width a second; the zone is 0.8 wide. */
export const cycles: fc.Arbitrary<CycleScript> = raw.map((r) => {
  const visits = r.rows.flatMap((row, n) => {
    let freeS = 2;
    return row.map(({ away, speed, x, stands }): Visit => {
      const visit = {
        row: n as 0 | 1,
        inS: pick(away, freeS + 5, freeS + 30),
        speed: 0.03 + 0.05 * speed,
        standsX: 0.2 + 0.6 * x,
        standsS: stands === null ? 0 : pick(stands, 5, 90),
      };
      freeS = outS(visit) + r.clearS + 10;
      return visit;
    });
  });
  const endS = Math.max(20, ...visits.map((visit) => outS(visit) + r.clearS + 12));
  const script = { ...r, visits, endS, escalateS: 3 * r.alarmS, pauses: pausesOf(visits, r) };
  const longestS = Math.min(r.clearS, toleranceS(r)) - 1.5 - 1 / r.fps;
  const dropouts: CycleScript['dropouts'][number][] = [];
  for (const { visit: n, at, length } of r.dropouts) {
    const [v, visit] = [n % Math.max(1, visits.length), visits[n % Math.max(1, visits.length)]];
    if (!visit) continue;
    // Not at the moment of its entry, its leaving or its stages: these tell when they were.
    const fromS = pick(at, visit.inS + 3, outS(visit) - longestS - 3);
    const drop = { visit: v, fromS, toS: fromS + length * longestS };
    const clear = [...script.pauses, ...dropouts].every((other) => !overlap(other, drop, 4));
    if (clear && fromS > visit.inS + 3 && longestS > 0.3) dropouts.push(drop);
  }
  const idChanges = r.idChanges.flatMap(({ visit: n, at }) => {
    const [v, visit] = [n % Math.max(1, visits.length), visits[n % Math.max(1, visits.length)]];
    const atS = visit ? pick(at, visit.inS + 1, outS(visit)) : 0;
    const unseen = [...dropouts, ...script.pauses].some((gap) => overlap(gap, { fromS: atS, toS: atS }, 3));
    return visit && !unseen ? [{ visit: v, atS }] : [];
  });
  return { ...script, dropouts, idChanges };
});

type Raw = typeof raw extends fc.Arbitrary<infer T> ? T : never;

/** A pause while one stands and no other moves: what moves unseen may be another afterwards. */
function pausesOf(visits: readonly Visit[], { pause, alarmS }: Raw): (Span & { restart: boolean })[] {
  const one = pause && visits[pause.visit % Math.max(1, visits.length)];
  if (!one || !pause) return [];
  const { fromS, toS } = standing(one);
  const span = { fromS: fromS + 3, toS: fromS + 3 + pick(pause.length, 1, 60), restart: false };
  // A box that restarts is away for longer than its track ids are trusted.
  const restart = pause.restart && span.toS - span.fromS > 3;
  const moves = visits.some((visit) => {
    const { fromS: stopS, toS: goS } = standing(visit);
    return (
      overlap({ fromS: visit.inS - 5, toS: stopS }, span, 2) ||
      overlap({ fromS: goS, toS: outS(visit) + 12 }, span, 2)
    );
  });
  const nearlyTolerated = Math.abs(span.toS - span.fromS - toleranceS({ alarmS })) < 2;
  return moves || nearlyTolerated || span.toS > toS - 3 ? [] : [{ ...span, restart }];
}
