import type { Box, Finding, Gate, IncidentKind, ObjectClass, TrackFrame, Zone } from '@gatehouse/contracts';

/** What a rule is run with besides state and frame. */
export interface RuleContext<Params> {
  readonly camera: string;
  readonly zone: Zone;
  readonly params: Params;
  /** Which of the zone's rules of this kind it is, counted from 0: two of a kind must not share occupancy keys. */
  readonly ordinal: number;
}

export interface RuleStep<State> {
  readonly state: State;
  readonly findings: readonly Finding[];
}

/** Something a rule has its eye on: open, or not (yet) an incident, with every condition and how it stands. */
export interface Candidate {
  readonly kind: IncidentKind;
  readonly zone: string;
  readonly occupancy: string;
  readonly phase: 'watching' | 'open';
  readonly class: ObjectClass;
  readonly box: Box;
  readonly sinceMs: number;
  /** In the order in which a person would ask; the first that is not passed is why there is no incident. */
  readonly gates: readonly Gate[];
}

/**
 * A rule: pure functions of state, tracked frame and parameters. State is plain JSON, bounded, and about places and
 * times only, so that it survives a restart and an edit of thresholds.
 */
export interface Rule<Params, State> {
  readonly kind: IncidentKind;
  readonly initial: State;
  step(state: State, frame: TrackFrame, context: RuleContext<Params>): RuleStep<State>;
  /** Why (not): what it watches as of its last frame. */
  explain(state: State, context: RuleContext<Params>): readonly Candidate[];
  /** What of a stored state still holds under this context; `dropped` are keys of open occupancies that do not. */
  carryOver(
    state: State,
    context: RuleContext<Params>,
  ): { readonly state: State; readonly dropped: readonly string[] };
}
