import type {
  Camera,
  Evidence,
  Finding,
  Prompt,
  Site,
  TrackFrame,
  Zone,
  ZoneRule,
} from '@gatehouse/contracts';
import {
  Calendar,
  type Candidate,
  type Moment,
  type Rule,
  type RuleContext,
  type RuleState,
  rules,
} from '@gatehouse/rules';
import { calm, collapse, forget, type Storm } from './storm.ts';

/** Raise it when a stored state can no longer be read as it was meant; older ones are then ignored. */
const stateVersion = 1;
/**
 * Of frames that do not tell the wall clock (clips, tracks of older versions), times above it are epoch
 * milliseconds (1973 and later); those of clips are far below.
 */
const epochFromMs = 100_000_000_000;
/** A picture of unknown shape is taken for one of today's cameras. */
const usualAspect = 16 / 9;

/**
 * The engine's knowledge of cameras' zones: plain JSON, to be stored in one transaction with the findings it
 * led to.
 */
export interface EngineState {
  readonly version: number;
  readonly cameras: Readonly<Record<string, Readonly<Record<string, RuleState>>>>;
  /** Of slots in which a storm is collapsed, by camera and slot. */
  readonly storms?: Readonly<Record<string, Readonly<Record<string, Storm>>>>;
}

/** An open occupancy whose zone, rule or place is gone. The keeper of incidents has to clear it. */
export interface DroppedSubject {
  readonly camera: string;
  readonly kind: Finding['kind'];
  readonly occupancy: string;
}

export interface EngineOptions extends Partial<Pick<Site['site'], 'timezone' | 'holidays'>> {
  /**
   * Epoch milliseconds at frame time 0, for clips. Frames of a box say themselves how far the wall clock is
   * from their timeline.
   */
  readonly wallAtZeroMs?: number;
}

/** The results of a frame. */
export interface EngineStep {
  readonly findings: Finding[];
  /** Stages before an incident that somebody may act on; live only. */
  readonly prompts: Prompt[];
}

/** One rule of one zone of one camera, with its state. */
interface Post {
  readonly slot: string;
  readonly rule: Rule<ZoneRule, RuleState>;
  readonly context: Omit<RuleContext<ZoneRule>, 'moment'>;
  moment: Moment;
  state: RuleState;
  storm: Storm;
}

/** Runs the rules of every zone over tracked frames. Pure except for the state it holds: no clock, no I/O. */
export class IncidentEngine {
  readonly #posts: ReadonlyMap<string, readonly Post[]>;
  readonly #calendar: Calendar;
  readonly #wallAtZeroMs: number | undefined;
  #fireAlarm = false;

  constructor(cameras: readonly Camera[], options: EngineOptions = {}) {
    this.#posts = new Map(
      cameras.map((camera) => [camera.id, camera.zones.flatMap((zone) => postsOf(camera.id, zone))]),
    );
    this.#calendar = new Calendar(options.timezone ?? 'Asia/Shanghai', options.holidays ?? []);
    this.#wallAtZeroMs = options.wallAtZeroMs;
  }

  /** Tells the rules whether a fire alarm is active; it counts from the next frame on. */
  set fireAlarm(active: boolean) {
    this.#fireAlarm = active;
  }

  /** Takes one frame of one camera in; a camera the site does not have gives nothing. */
  step(frame: TrackFrame): Finding[] {
    return this.advance(frame).findings;
  }

  /**
   * The same, with the stages that come before an incident. A blind camera's tracks are not taken in: until
   * it sees again nothing dwells, opens or clears, as if it had sent no frame.
   */
  advance(frame: TrackFrame): EngineStep {
    const findings: Finding[] = [];
    const prompts: Prompt[] = [];
    if (frame.view === 'blind') return { findings, prompts };
    const moment = this.#momentOf(frame);
    const datedBy = dating(frame);
    for (const post of this.#posts.get(frame.camera) ?? []) {
      post.moment = moment;
      const step = post.rule.step(post.state, frame, { ...post.context, moment });
      const collapsed = collapse(post.storm, step.findings, frame.atMs);
      post.state = step.state;
      post.storm = collapsed.storm;
      findings.push(...collapsed.findings.map(datedBy));
      prompts.push(...step.prompts.map(datedBy));
    }
    return { findings, prompts };
  }

  /** All that the rules of a camera watch, with the reason why it is (not yet) an incident. */
  candidates(camera: string): Candidate[] {
    return (this.#posts.get(camera) ?? []).flatMap(({ rule, state, context, moment }) =>
      rule.explain(state, { ...context, moment }),
    );
  }

  /** The state of one camera, or of all. */
  snapshot(camera?: string): EngineState {
    const chosen = [...this.#posts].filter(([id]) => camera === undefined || id === camera);
    const stormy = chosen
      .map(([id, posts]) => [id, posts.filter(({ storm }) => storm !== calm)] as const)
      .filter(([, posts]) => posts.length > 0);
    const bySlot = <T>(posts: readonly Post[], pick: (post: Post) => T) =>
      Object.fromEntries(posts.map((post) => [post.slot, pick(post)]));
    return {
      version: stateVersion,
      cameras: Object.fromEntries(chosen.map(([id, posts]) => [id, bySlot(posts, ({ state }) => state)])),
      storms: Object.fromEntries(stormy.map(([id, posts]) => [id, bySlot(posts, ({ storm }) => storm)])),
    };
  }

  /**
   * Takes a stored state up, under the site as it is now. State is about places and times, so an edit of
   * thresholds keeps it: the observed times are compared with the new ones. An occupancy is dropped when its
   * zone or rule is gone, its place lies outside the edited polygon, or its class is not counted any more.
   * Dropped ones that were open are returned, so that their incidents can be cleared. A camera that the state
   * knows but the site does not drops all of its own. Anything that is no snapshot of this version is
   * ignored.
   */
  restore(stored: unknown): DroppedSubject[] {
    if (!isEngineState(stored)) return [];
    return Object.entries(stored.cameras).flatMap(([camera, slots]) =>
      Object.entries(slots).flatMap(([slot, state]) => {
        const storm = stored.storms?.[camera]?.[slot] ?? calm;
        const post = this.#posts.get(camera)?.find((candidate) => candidate.slot === slot);
        const dropped = post ? takeUp(post, state, storm) : openKeys(slot, state);
        return dropped.map((occupancy) => ({ camera, kind: kindOf(slot), occupancy }));
      }),
    );
  }

  #momentOf({ atMs, wallOffsetMs, aspect = usualAspect }: TrackFrame): Moment {
    const wallAtZeroMs = this.#wallAtZeroMs ?? wallOffsetMs ?? (atMs >= epochFromMs ? 0 : undefined);
    const local = wallAtZeroMs === undefined ? null : this.#calendar.at(wallAtZeroMs + atMs);
    return { local, fireAlarm: this.#fireAlarm, aspect };
  }
}

/** Puts beside the frame times of evidence by how much the wall clock differs from them, where it does. */
function dating({ wallOffsetMs }: TrackFrame) {
  return <T extends { readonly evidence: Evidence }>(one: T): T =>
    wallOffsetMs ? { ...one, evidence: { ...one.evidence, wallOffsetMs } } : one;
}

/** Gives a post its stored state; returns the keys of incidents that nobody watches any more. */
function takeUp(post: Post, state: RuleState, storm: Storm): readonly string[] {
  const carried = post.rule.carryOver(state, { ...post.context, moment: post.moment });
  const { storm: left, gone } = forget(storm, carried.dropped);
  post.state = carried.state;
  post.storm = left;
  return gone;
}

function isEngineState(stored: unknown): stored is EngineState {
  return (
    typeof stored === 'object' && stored !== null && 'version' in stored && stored.version === stateVersion
  );
}

function postsOf(camera: string, zone: Zone): Post[] {
  return zone.rules.map((params, index) => {
    const rule: Rule<ZoneRule, RuleState> = rules[params.kind];
    const ordinal = zone.rules.slice(0, index).filter((other) => other.kind === params.kind).length;
    return {
      slot: `${zone.id}/${params.kind}/${ordinal}`,
      rule,
      context: { camera, zone, params, ordinal },
      moment: { local: null, fireAlarm: false, aspect: usualAspect },
      state: rule.initial,
      storm: calm,
    };
  });
}

function kindOf(slot: string): Finding['kind'] {
  return slot.split('/')[1] as Finding['kind'];
}

/** Keys of the open occupancies in the state of a rule that the site does not have any more. */
function openKeys(slot: string, state: RuleState): string[] {
  const rule: Rule<ZoneRule, RuleState> | undefined = rules[kindOf(slot) as ZoneRule['kind']];
  return rule?.open(state).map(({ key }) => key) ?? [];
}
