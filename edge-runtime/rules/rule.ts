import type {
  Box,
  Condition,
  Evidence,
  Finding,
  IncidentKind,
  ObjectClass,
  Prompt,
  TrackFrame,
  Zone,
} from '@gatehouse/contracts';
import type { LocalTime } from './calendar.ts';

/** What holds at a frame's time besides what the camera shows. */
export interface Moment {
  /** Day and time of day at the site; `null` where nobody knows: then it is day, and every schedule is taken to hold. */
  readonly local: LocalTime | null;
  readonly fireAlarm: boolean;
  /** Width of the camera's picture by its height. */
  readonly aspect: number;
}

/** What a rule is run with besides state and frame. */
export interface RuleContext<Params> {
  readonly camera: string;
  readonly zone: Zone;
  readonly params: Params;
  /** Which of the zone's rules of this kind it is, counted from 0: two of a kind must not share occupancy keys. */
  readonly ordinal: number;
  readonly moment: Moment;
}

export interface RuleStep<State> {
  readonly state: State;
  readonly findings: readonly Finding[];
  /** Stages before an incident that somebody may act on. */
  readonly prompts: readonly Prompt[];
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
  readonly gates: readonly Condition[];
}

/** An occupancy that has been told as `opened` and not as `cleared`. */
export interface OpenSubject extends Pick<Evidence, 'class' | 'box' | 'sinceMs'> {
  readonly key: string;
  /** As last told. */
  readonly priority: number;
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
  /** What is open as of its last frame. */
  open(state: State): readonly OpenSubject[];
  /** What of a stored state still holds under this context; `dropped` are keys of open occupancies that do not. */
  carryOver(
    state: State,
    context: RuleContext<Params>,
  ): { readonly state: State; readonly dropped: readonly string[] };
}
