/**
 * Compares the raised incidents with those that the scenario's script says must be. Shares nothing with the
 * rules.
 */
import type { ExpectedIncident, Window } from '../../sim/scenario/index.ts';

/** An incident as it was raised, seconds of the clip. */
export interface Raised {
  readonly kind: string;
  readonly zone: string;
  readonly openedS: number;
  readonly clearedS: number | null;
}

/** One change of an incident, in the words of `replay --json`. */
export interface Change {
  readonly t: number;
  readonly incident: string;
  readonly kind: string;
  readonly phase: string;
  readonly zone: string;
}

/** The incidents that changes tell of. Throws on a story that cannot be, such as a second `opened`. */
export function raisedBy(changes: readonly Change[]): Raised[] {
  return [...Map.groupBy(changes, ({ incident }) => incident).values()].map((story) => {
    const phases = story.map(({ phase }) => phase).join(' ');
    const first = story[0] as Change;
    const last = story.at(-1) as Change;
    if (!/^opened( updated)*( cleared)?$/.test(phases)) throw new Error(`${first.incident}: ${phases}`);
    const { kind, zone } = first;
    return { kind, zone, openedS: first.t, clearedS: last.phase === 'cleared' ? last.t : null };
  });
}

export interface Score {
  readonly found: number;
  readonly missed: number;
  readonly unexpected: number;
  /** One line for each thing that is wrong. */
  readonly faults: readonly string[];
  /** Seconds after they were due at which those found were raised. */
  readonly delaysS: readonly number[];
}

/** Compares incidents with expected ones of the same kinds. */
export function judge(expected: readonly ExpectedIncident[], raised: readonly Raised[]): Score {
  const left = [...raised];
  const faults: string[] = [];
  const delaysS: number[] = [];
  let missed = 0;
  for (const one of expected) {
    const index = left.findIndex(
      ({ kind, zone, openedS }) => kind === one.kind && zone === one.zone && inside(openedS, one.openedS),
    );
    const match = left[index];
    if (!match) {
      missed++;
      faults.push(`${one.kind} in ${one.zone}: not raised between ${text(one.openedS)}`);
      continue;
    }
    left.splice(index, 1);
    delaysS.push(match.openedS - one.dueS);
    const wrong = wrongClear(one.clearedS, match.clearedS);
    if (wrong) faults.push(`${one.kind} in ${one.zone}, raised at ${match.openedS} s: ${wrong}`);
  }
  for (const { kind, zone, openedS } of left)
    faults.push(`${kind} in ${zone}: raised at ${openedS} s, which nothing in the script explains`);
  return { found: delaysS.length, missed, unexpected: left.length, faults, delaysS };
}

function wrongClear(due: Window | null, clearedS: number | null): string | undefined {
  if (due === null) return clearedS === null ? undefined : `cleared at ${clearedS} s though the cause stays`;
  if (clearedS === null) return `not cleared, due between ${text(due)}`;
  return inside(clearedS, due) ? undefined : `cleared at ${clearedS} s, due between ${text(due)}`;
}

function inside(t: number, { from, to }: Window): boolean {
  return t >= from && t <= to;
}

function text({ from, to }: Window): string {
  return `${from.toFixed(1)} and ${to.toFixed(1)} s`;
}

/** The harmonic mean of precision and recall; 1 if nothing was to be found and nothing was. */
export function f1({ found, missed, unexpected }: Pick<Score, 'found' | 'missed' | 'unexpected'>): number {
  return found + missed + unexpected === 0 ? 1 : (2 * found) / (2 * found + missed + unexpected);
}
