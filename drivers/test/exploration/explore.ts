/** Something whose every reachable state can be visited: states are plain JSON and never changed. */
export interface Model<State, Input> {
  readonly initial: State;
  /** Everything that may happen next. */
  inputs(state: State): readonly Input[];
  /** The next state; a violation of a safety property is thrown as `Violation`. */
  step(state: State, input: Input): State;
  /** Equal for states that no future can tell apart. */
  key(state: State): string;
}

/** A safety property does not hold. */
export class Violation extends Error {
  readonly property: string;
  constructor(property: string, detail: string) {
    super(`${property}: ${detail}`);
    this.property = property;
  }
}

export interface Bounds {
  readonly maxStates: number;
  /** Inputs in a row from the start. */
  readonly maxDepth: number;
}

export interface Exploration<Input> {
  readonly states: number;
  readonly transitions: number;
  /** Longest shortest way to a visited state. */
  readonly depth: number;
  /** False: every reachable state was visited. True: the bounds cut some off. */
  readonly bounded: boolean;
  readonly violation?: {
    readonly property: string;
    readonly message: string;
    readonly path: readonly Input[];
  };
}

interface Visit<State, Input> {
  readonly state: State;
  readonly depth: number;
  readonly from: Visit<State, Input> | undefined;
  readonly input: Input | undefined;
}

/** Visits states breadth first, so that the first violation found has a shortest way to it. */
export function explore<State, Input>(model: Model<State, Input>, bounds: Bounds): Exploration<Input> {
  const first: Visit<State, Input> = { state: model.initial, depth: 0, from: undefined, input: undefined };
  const seen = new Set([model.key(model.initial)]);
  const queue = [first];
  let transitions = 0;
  let depth = 0;
  let bounded = false;
  for (let next = 0; next < queue.length; next++) {
    const visit = queue[next] as Visit<State, Input>;
    if (visit.depth >= bounds.maxDepth) {
      bounded = true;
      continue;
    }
    for (const input of model.inputs(visit.state)) {
      transitions++;
      let state: State;
      try {
        state = model.step(visit.state, input);
      } catch (error) {
        if (!(error instanceof Violation)) throw error;
        const path = [...pathTo(visit), input];
        return {
          states: seen.size,
          transitions,
          depth,
          bounded,
          violation: { property: error.property, message: error.message, path },
        };
      }
      const key = model.key(state);
      if (seen.has(key)) continue;
      if (seen.size >= bounds.maxStates) {
        bounded = true;
        continue;
      }
      seen.add(key);
      depth = visit.depth + 1;
      queue.push({ state, depth, from: visit, input });
    }
  }
  return { states: seen.size, transitions, depth, bounded };
}

function pathTo<State, Input>(visit: Visit<State, Input>): Input[] {
  const path: Input[] = [];
  for (let at = visit; at.from && at.input !== undefined; at = at.from) path.unshift(at.input);
  return path;
}
