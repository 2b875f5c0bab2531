/** Scripts at random. Imports nothing of the product (see script.ts). */
import fc from 'fast-check';
import { toleranceS } from './oracle.ts';
import { crossS, driveS, outsideSlot, overlap, type Script, type Span, type Visit } from './script.ts';

/** 0 to 1 in even steps: fast-check's doubles crowd at the ends. */
export const unit = fc.integer({ min: 0, max: 997 }).map((n) => ((n * 389) % 997) / 997);

/** Where in a range a fraction lies, in tenths of a second. */
export const pick = (fraction: number, fromS: number, toS: number) =>
  Math.round((fromS + fraction * (toS - fromS)) * 10) / 10;

/** 1 to 25 frames a second; the many frames of high rates are drawn less often. */
export const frameRates = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 7, max: 25 }) },
);

const raw = fc.record({
  fps: frameRates,
  violationS: fc.constantFrom(20, 30, 60),
  clearS: fc.constantFrom(3, 10),
  /** Per slot: when the first comes, then lengths of stays and pauses between them. */
  slots: fc.array(
    fc.record({
      parkedAtStart: fc.boolean(),
      first: unit,
      stays: fc.array(fc.record({ length: unit, away: unit }), { minLength: 1, maxLength: 3 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  dropouts: fc.array(fc.record({ visit: fc.nat(11), at: unit, length: unit }), { maxLength: 4 }),
  idChanges: fc.array(fc.record({ visit: fc.nat(11), at: unit }), { maxLength: 4 }),
  passes: fc.array(fc.record({ at: unit, swapWith: fc.option(fc.nat(11)) }), { maxLength: 3 }),
  block: fc.option(fc.record({ visit: fc.nat(11), at: unit, length: unit })),
  pause: fc.option(fc.record({ at: unit, length: unit, short: fc.boolean(), restart: fc.boolean() })),
  jitter: fc.constantFrom(0, 0.02, 0.05),
  seed: fc.nat(),
});

export const scriptsOf = (rule: Script['rule']): fc.Arbitrary<Script> =>
  raw.map((r) => {
    const known = rule === 'fire-passage' ? 5 : 4;
    const visits = r.slots
      .slice(0, known)
      .flatMap((slot, index) => visitsOf(slot, index, r.violationS, r.clearS));
    const endS = Math.max(...visits.map((v) => v.leaveS)) + r.clearS + 15;
    const within = (n: number) => visits[n % visits.length] as Visit;
    const stay = (v: Visit): Span => ({ fromS: Math.max(0, v.arriveS) + 4, toS: v.leaveS - 4 });

    const pauses = r.pause
      ? [pauseOf(r.pause, endS, r.violationS)].filter((p) => tellable(p, visits, r.clearS))
      : [];
    const blocks = (r.block ? [r.block] : []).flatMap(({ visit, at, length }) => {
      const { fromS, toS } = stay(within(visit));
      const start = pick(at, fromS, toS);
      const block = {
        slot: within(visit).slot,
        fromS: start,
        toS: start + pick(length, 8, r.violationS - 6),
      };
      const fits = block.slot !== outsideSlot && block.toS < toS && !pauses.some((p) => overlap(p, block, 3));
      return fits ? [block] : [];
    });
    const longest = Math.min(r.clearS, toleranceS(r.violationS)) - 1 - 1 / r.fps;
    const dropouts: (Span & { visit: number })[] = [];
    for (const { visit, at, length } of r.dropouts) {
      const { fromS, toS } = stay(within(visit));
      const start = pick(at, fromS, toS);
      const drop = { visit: visit % visits.length, fromS: start, toS: start + length * longest };
      const apart = [...pauses, ...blocks, ...dropouts].every((other) => !overlap(other, drop, 3));
      if (drop.toS < toS && apart) dropouts.push(drop);
    }
    const passes = r.passes
      .map(({ at, swapWith }) => ({
        atS: pick(at, 1, endS - 5),
        swapWith: swapWith === null ? null : swapWith % visits.length,
      }))
      .filter(({ atS }) => dropouts.every((d) => !overlap(d, { fromS: atS, toS: atS + crossS }, 2)))
      .map((pass) => ({ ...pass, swapWith: standsThroughout(pass, visits, blocks) ? pass.swapWith : null }));
    const idChanges = r.idChanges.map(({ visit, at }) => {
      const { fromS, toS } = stay(within(visit));
      return { visit: visit % visits.length, atS: pick(at, fromS, Math.max(fromS, toS)) };
    });
    const { fps, violationS, clearS, jitter, seed } = r;
    return {
      rule,
      fps,
      endS,
      violationS,
      clearS,
      visits,
      dropouts,
      idChanges,
      passes,
      blocks,
      pauses,
      jitter,
      seed,
    };
  });

function visitsOf(
  slot: { parkedAtStart: boolean; first: number; stays: readonly { length: number; away: number }[] },
  index: number,
  violationS: number,
  clearS: number,
): Visit[] {
  const visits: Visit[] = [];
  let atS = slot.parkedAtStart ? -10 : pick(slot.first, driveS + 1, 25);
  for (const { length, away } of slot.stays) {
    const leaveS = Math.max(0, atS) + pick(length, 5, 2.5 * violationS);
    visits.push({ slot: index, arriveS: atS, leaveS });
    atS = leaveS + clearS + 2 * driveS + 4 + pick(away, 0, 20);
  }
  return visits;
}

function pauseOf(
  { at, length, short, restart }: { at: number; length: number; short: boolean; restart: boolean },
  endS: number,
  violationS: number,
): Script['pauses'][number] {
  const fromS = pick(at, 2, endS - 5);
  const lengthS = short
    ? pick(length, 0.5, toleranceS(violationS) - 2)
    : pick(length, toleranceS(violationS) + 2, 60);
  return { fromS, toS: fromS + lengthS, restart };
}

/**
 * Not every pause can be judged: an exchange of vehicles that nobody saw looks like one vehicle that stayed.
 */
function tellable(pause: Span, visits: readonly Visit[], clearS: number): boolean {
  return visits.every((visit) => {
    const next = visits.find((other) => other.slot === visit.slot && other.arriveS > visit.leaveS);
    const away = { fromS: visit.leaveS, toS: next?.arriveS ?? Number.POSITIVE_INFINITY };
    if (!overlap(pause, away, 4)) return true;
    const seen = Math.max(0, pause.fromS - away.fromS) + Math.max(0, away.toS - pause.toS);
    return Math.max(seen - 2 * driveS, 0) > clearS + 2;
  });
}

/** Ids can only be swapped with a vehicle that has been there and that nothing else hides. */
function standsThroughout(
  { atS, swapWith }: { readonly atS: number; readonly swapWith: number | null },
  visits: readonly Visit[],
  blocks: Script['blocks'],
): boolean {
  const visit = visits[swapWith ?? -1];
  if (blocks.some((block) => overlap(block, { fromS: atS, toS: atS + crossS }, 3))) return false;
  return visit !== undefined && Math.max(0, visit.arriveS) + 3 <= atS && atS + crossS + 3 <= visit.leaveS;
}
