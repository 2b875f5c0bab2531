/**
 * Scenes of groups by script: the number of people or vehicles that stand together at one place, their times,
 * and the disturbances meanwhile. Like `scenes/script.ts` it imports nothing of the product. Times are
 * seconds.
 */
import { inside, type Span } from '../scenes/script.ts';

/** From one phase to the next some come or go at once: the first `count` of them stand in it. */
export interface Phase extends Span {
  readonly count: number;
  /** Where they stand: a queue that moves up stands at another place than before. */
  readonly place: 0 | 1;
}

export interface GroupScript {
  readonly rule: 'crowd' | 'gate-congestion';
  readonly fps: number;
  /** So many, for so long, are an incident. */
  readonly many: number;
  readonly forS: number;
  /** So few, for so long, end it. */
  readonly few: number;
  readonly clearS: number;
  readonly phases: readonly Phase[];
  /** The detector does not see one of them, or none (`member` null). */
  readonly dropouts: readonly (Span & { readonly member: number | null })[];
  readonly idChanges: readonly { readonly member: number; readonly atS: number }[];
  /** No frames at all; at its end the box may have been restarted. */
  readonly pauses: readonly (Span & { readonly restart: boolean })[];
  /** Others pass by, one every so often, and never stand. */
  readonly flow: (Span & { readonly everyS: number }) | null;
  /** While they are there they sit: their boxes are half as high. People walk by beforehand. */
  readonly seated?: boolean;
  readonly jitter: number;
  readonly seed: number;
}

/** A person or vehicle that comes or goes is under way for this long. */
export const wayS = 3;
/** A queue that moves up takes this long, at the beginning of a phase. */
export const moveS = 2;

/** Unseen time that still counts; longer unseen time counts neither way. */
export function toleranceS(forS: number): number {
  return Math.min(10, forS / 2);
}

/** One member's stay at one place. */
export interface Stay extends Span {
  readonly member: number;
  readonly place: 0 | 1;
}

/** The stay of each: the place, from when to when. */
export function staysOf({ phases }: Pick<GroupScript, 'phases'>): Stay[] {
  const stays: Stay[] = [];
  const most = Math.max(...phases.map(({ count }) => count));
  for (let member = 0; member < most; member++) {
    let open: Stay | undefined;
    for (const { fromS, toS, count, place } of phases) {
      const here = member < count;
      if (open && (!here || open.place !== place)) {
        stays.push(open);
        open = undefined;
      }
      const moves = here && !open && stays.at(-1)?.member === member && stays.at(-1)?.toS === fromS;
      if (here) open = { member, place, fromS: open?.fromS ?? fromS + (moves ? moveS : 0), toS };
    }
    if (open) stays.push(open);
  }
  return stays;
}

export function endOf({ phases }: Pick<GroupScript, 'phases'>): number {
  return phases.at(-1)?.toS ?? 0;
}

export function dropped({ dropouts }: Pick<GroupScript, 'dropouts'>, member: number, t: number): boolean {
  return dropouts.some((d) => (d.member === null || d.member === member) && inside(t, d));
}
