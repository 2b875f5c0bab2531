import type { ActorScript } from './schema.ts';
import type { Timeline } from './timeline.ts';

/** One actor's script, and when and where that makes it be. */
export interface Role {
  readonly actor: ActorScript;
  readonly timeline: Timeline;
}

/** One thing wrong in a scenario file. */
export interface ScenarioProblem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}
