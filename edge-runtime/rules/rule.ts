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

/** The conditions at a frame's time that the camera does not show. */
export interface Moment {
  /**
   * Day and time of day at the site. `null` where nobody knows: then it is day, and every schedule counts as
   * holding.
   */
  readonly local: LocalTime | null;
  readonly fireAlarm: boolean;
  /** Width of the camera's picture by its height. */
  readonly aspect: number;
}

/** The input of a rule besides state and frame. */
export interface RuleContext<Params> {
  readonly camera: string;
  readonly zone: Zone;
  readonly params: Params;
  /**
   * The place of the rule among the zone's rules of this kind, counted from 0: two of a kind must not share
   * occupancy keys.
   */
  readonly ordinal: number;
  readonly moment: Moment;
}

export interface RuleStep<State> {
  readonly state: State;
  readonly findings: readonly Finding[];
  /** Stages before an incident that somebody may act on. */
  readonly prompts: readonly Prompt[];
}

/** Something that a rule watches: an open incident, or not (yet) one, with every condition and its state. */
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
 * A rule: pure functions of state, tracked frame and parameters. State is plain JSON, bounded, and about
 * places and times only, so that it survives a restart and an edit of thresholds.
 */
export interface Rule<Params, State> {
  readonly kind: IncidentKind;
  readonly initial: State;
  step(state: State, frame: TrackFrame, context: RuleContext<Params>): RuleStep<State>;
  /** Everything that it watches as of its last frame, with the reasons for and against an incident. */
  explain(state: State, context: RuleContext<Params>): readonly Candidate[];
  /** The open occupancies as of its last frame. */
  open(state: State): readonly OpenSubject[];
  /**
   * The part of a stored state that still holds under this context. `dropped` are keys of open occupancies
   * that do not.
   */
  carryOver(
    state: State,
    context: RuleContext<Params>,
  ): { readonly state: State; readonly dropped: readonly string[] };
}
