import type { Camera, Finding, TrackFrame, Zone, ZoneRule } from '@gatehouse/contracts';
import { type Candidate, type Rule, type RuleContext, type RuleState, rules } from '@gatehouse/rules';

/** Raise it when a stored state can no longer be read as it was meant; older ones are then ignored. */
const stateVersion = 1;

/** What the engine knows of cameras' zones: plain JSON, to be stored in one transaction with the findings it led to. */
export interface EngineState {
  readonly version: number;
  readonly cameras: Readonly<Record<string, Readonly<Record<string, RuleState>>>>;
}

/** An open occupancy whose zone, rule or place is gone: whoever keeps incidents has to clear it. */
export interface DroppedOccupancy {
  readonly camera: string;
  readonly kind: Finding['kind'];
  readonly occupancy: string;
}

/** One rule of one zone of one camera, with its state. */
interface Post {
  readonly slot: string;
  readonly rule: Rule<ZoneRule, RuleState>;
  readonly context: RuleContext<ZoneRule>;
  state: RuleState;
}

/** Runs the rules of every zone over tracked frames. Pure but for the state it holds: no clock, no I/O. */
export class IncidentEngine {
  readonly #posts: ReadonlyMap<string, readonly Post[]>;

  constructor(cameras: readonly Camera[]) {
    this.#posts = new Map(
      cameras.map((camera) => [camera.id, camera.zones.flatMap((zone) => postsOf(camera.id, zone))]),
    );
  }

  /** Takes one frame of one camera in; a camera the site does not have gives nothing. */
  step(frame: TrackFrame): Finding[] {
    return (this.#posts.get(frame.camera) ?? []).flatMap((post) => {
      const { state, findings } = post.rule.step(post.state, frame, post.context);
      post.state = state;
      return findings;
    });
  }

  /** What the rules of a camera have their eye on, and why it is (not yet) an incident. */
  candidates(camera: string): Candidate[] {
    return (this.#posts.get(camera) ?? []).flatMap((post) => post.rule.explain(post.state, post.context));
  }

  /** The state of one camera, or of all. */
  snapshot(camera?: string): EngineState {
    const chosen = [...this.#posts].filter(([id]) => camera === undefined || id === camera);
    const cameras = chosen.map(([id, posts]) => [
      id,
      Object.fromEntries(posts.map(({ slot, state }) => [slot, state])),
    ]);
    return { version: stateVersion, cameras: Object.fromEntries(cameras) };
  }

  /**
   * Takes a stored state up, under the site as it is now. State is about places and times, so an edit of thresholds
   * keeps it: the new ones are held against what has been observed. An occupancy is dropped when its zone or rule is
   * gone, its place lies outside the edited polygon, or its class is not counted any more; dropped ones that were
   * open are returned, so that their incidents can be cleared. A camera that the state knows but the site does not
   * drops all of its own. Anything that is no snapshot of this version is ignored.
   */
  restore(stored: unknown): DroppedOccupancy[] {
    if (!isEngineState(stored)) return [];
    return Object.entries(stored.cameras).flatMap(([camera, slots]) =>
      Object.entries(slots).flatMap(([slot, state]) => {
        const post = this.#posts.get(camera)?.find((candidate) => candidate.slot === slot);
        const kind = kindOf(slot);
        if (!post) return openKeys(state).map((occupancy) => ({ camera, kind, occupancy }));
        const carried = post.rule.carryOver(state, post.context);
        post.state = carried.state;
        return carried.dropped.map((occupancy) => ({ camera, kind, occupancy }));
      }),
    );
  }
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
      state: rule.initial,
    };
  });
}

function kindOf(slot: string): Finding['kind'] {
  return slot.split('/')[1] as Finding['kind'];
}

function openKeys(state: RuleState): string[] {
  return state.occupancies.filter((o) => o.openedMs !== null).map((o) => o.key);
}
