import { errorOf, type GatehouseError } from '@gatehouse/kit';
import type { LabelClass } from '../world.ts';
import type { RuleKind, ScenarioRule } from './schema.ts';
import type { StatedStay } from './stays.ts';

/**
 * The oracle: the incidents that a scenario must raise, from the statements of its script alone. These say
 * who stands in which named place from when to when, and how many people are gathered. It knows no picture,
 * no geometry and nothing of the product's rules.
 */

export interface Window {
  readonly from: number;
  readonly to: number;
}

/**
 * An incident that must be raised, seconds of the scenario. Any incident that is not listed must not be
 * raised.
 */
export interface ExpectedIncident {
  readonly kind: RuleKind;
  readonly zone: string;
  /** The actor that causes it, if it is one. */
  readonly actor?: string;
  /** When it is due to the second; `openedS` says how early and late it may be raised. */
  readonly dueS: number;
  readonly openedS: Window;
  /** `null`: it is still open at the end. */
  readonly clearedS: Window | null;
}

/** The statements that the oracle goes by. */
export interface Statements {
  readonly durationS: number;
  readonly zones: readonly { readonly place: string; readonly rules: readonly ScenarioRule[] }[];
  readonly stays: readonly StatedStay[];
}

/** An incident may be opened this early and this late (at most 2 s beyond dwell). */
const [earlyS, lateS] = [0.5, 2];
/**
 * An actor that comes is nearly at its place a moment before it stands: braking at 2 m/s^2, a car's last
 * metre takes 1 s.
 */
const arrivingS = 1.5;
/** It may be cleared this late: an actor that sets off takes a moment to be seen gone. */
const clearLateS = 4;
/** A person who leaves a group is near it for some steps more. */
const stepsS = 2;

/**
 * All incidents that must be raised, by opening time. Throws `SCENARIO_UNDECIDED` where the script is too
 * close to a threshold.
 */
export function expectedIncidents({ durationS, zones, stays }: Statements): ExpectedIncident[] {
  return zones
    .flatMap(({ place, rules }) =>
      rules.flatMap((rule) => {
        const here = stays.filter((stay) => stay.place === place);
        return expectedOf(rule, place, here, durationS);
      }),
    )
    .sort((a, b) => a.openedS.from - b.openedS.from);
}

function expectedOf(
  rule: ScenarioRule,
  place: string,
  stays: readonly StatedStay[],
  durationS: number,
): ExpectedIncident[] {
  const of = (classes: readonly LabelClass[]) => stays.filter((stay) => classes.includes(stay.class));
  switch (rule.kind) {
    case 'illegal-parking': {
      const counted = of(rule.counts).filter(({ partly }) => !partly);
      return standing(rule, place, counted, rule.violationAfterS, durationS);
    }
    case 'fire-passage':
      return [
        ...standing(rule, place, of(rule.counts), rule.alarmAfterS, durationS),
        ...standing(rule, place, of(['clutter']), rule.objectAfterS, durationS),
      ];
    case 'crowd': {
      const gatherings = Map.groupBy(of(['person']), ({ gathering }) => gathering ?? '');
      // Two fewer than would raise it end a crowd.
      const terms = { most: rule.people, least: rule.people - 2, slackS: stepsS, ...rule };
      return [...gatherings.values()].flatMap((group) => gathered(place, group, terms, durationS));
    }
    case 'gate-congestion': {
      // A queue that moves up is not stuck: each of them must have stood for so long.
      const terms = { most: rule.vehicles, least: rule.vehicles - 1, slackS: 0, movesUp: true, ...rule };
      return gathered(place, of(['car', 'truck']), terms, durationS);
    }
  }
}

/** One actor that stands for long enough. Shifting within the place does not end its stay. */
function standing(
  { kind, clearAfterS }: Pick<ScenarioRule, 'kind' | 'clearAfterS'>,
  zone: string,
  stays: readonly StatedStay[],
  afterS: number,
  durationS: number,
): ExpectedIncident[] {
  return chains(stays).flatMap((chain): ExpectedIncident[] => {
    const [first, last] = [chain[0] as StatedStay, chain.at(-1) as StatedStay];
    const what = `${first.actor} in ${zone}`;
    const untilS = Math.min(last.toS, durationS);
    // It is left open if the shifting itself counts as standing: it takes seconds.
    const dueS = first.fromS + afterS;
    const dueLateS = dueWithoutShifts(chain, afterS);
    const openedS = { from: dueS - earlyS - (first.fromS > 0 ? arrivingS : 0), to: dueLateS + lateS };
    if (!decided(openedS, untilS, what)) return [];
    const clearedS = clearing(last.toS + clearAfterS, clearLateS, durationS, what);
    return [{ kind, zone, actor: first.actor, dueS: dueLateS, openedS, clearedS }];
  });
}

function chains(stays: readonly StatedStay[]): StatedStay[][] {
  const found: StatedStay[][] = [];
  for (const stay of stays) {
    const before = found.at(-1);
    if (stay.shifted && before?.at(-1)?.actor === stay.actor) before.push(stay);
    else found.push([stay]);
  }
  return found;
}

/** When standing alone adds up to so long. */
function dueWithoutShifts(chain: readonly StatedStay[], afterS: number): number {
  let leftS = afterS;
  for (const { fromS, toS } of chain) {
    if (leftS <= toS - fromS) return fromS + leftS;
    leftS -= toS - fromS;
  }
  return (chain.at(-1)?.toS ?? 0) + leftS;
}

interface GatheredTerms {
  readonly kind: RuleKind;
  /** So many raise it, when together for `forS`. */
  readonly most: number;
  /** So few end it, for `clearAfterS`. */
  readonly least: number;
  readonly forS: number;
  readonly clearAfterS: number;
  readonly slackS: number;
  /** Until it is due, one who leaves or advances begins it anew. */
  readonly movesUp?: boolean;
}

/** So many who stand there at once for long enough. */
function gathered(
  zone: string,
  stays: readonly StatedStay[],
  { kind, most, least, forS, clearAfterS, slackS, movesUp = false }: GatheredTerms,
  durationS: number,
): ExpectedIncident[] {
  const incidents: ExpectedIncident[] = [];
  const count = (tS: number) => stays.filter(({ fromS, toS }) => fromS <= tS && tS < toS).length;
  const changes = [...new Set(stays.flatMap(({ fromS, toS }) => [fromS, toS]))].sort((a, b) => a - b);
  let sinceS: number | undefined;
  for (const [i, tS] of changes.entries()) {
    if (sinceS === undefined && count(tS) >= most) sinceS = tS;
    if (sinceS === undefined) continue;
    if (movesUp && count(tS) < most && tS < sinceS + forS) sinceS = undefined;
    if (sinceS === undefined || count(tS) > least) continue;
    // A gap that is shorter than the time to clear does not end it.
    const backS = changes.slice(i).find((laterS) => count(laterS) > least) ?? Number.POSITIVE_INFINITY;
    if (backS - tS < clearAfterS) continue;
    incidents.push(...gathering(sinceS, tS));
    sinceS = undefined;
  }
  if (sinceS !== undefined) incidents.push(...gathering(sinceS, Number.POSITIVE_INFINITY));
  return incidents;

  function gathering(fromS: number, toS: number): ExpectedIncident[] {
    const what = `${most} in ${zone} from ${fromS} s`;
    const dueS = fromS + forS;
    const openedS = { from: dueS - earlyS - (fromS > 0 ? arrivingS : 0), to: dueS + lateS };
    if (!decided(openedS, Math.min(toS, durationS), what)) return [];
    return [
      {
        kind,
        zone,
        dueS,
        openedS,
        clearedS: clearing(toS + clearAfterS, clearLateS + slackS, durationS, what),
      },
    ];
  }
}

/** True if an incident that is due in a window is raised before its cause ends. */
function decided({ from, to }: Window, endS: number, what: string): boolean {
  if (endS <= from) return false;
  if (endS >= to) return true;
  throw undecided(
    `${what}: an incident is due between ${from} and ${to} s, and its cause or the scenario ends at ${endS} s`,
  );
}

function clearing(dueS: number, slackS: number, durationS: number, what: string): Window | null {
  const window = { from: dueS - earlyS, to: dueS + slackS };
  if (window.from >= durationS) return null;
  if (window.to <= durationS) return window;
  throw undecided(
    `${what}: the clear is due between ${window.from} and ${window.to} s, and the scenario ends at ${durationS} s`,
  );
}

function undecided(what: string): GatehouseError {
  return errorOf('SCENARIO_UNDECIDED', { what });
}
