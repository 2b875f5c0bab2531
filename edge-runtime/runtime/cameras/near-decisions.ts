import type { Watched } from '@gatehouse/contracts';
import { type Clock, describeError, every, type Log, type Part } from '@gatehouse/kit';
import type { VisionClient } from '@gatehouse/local-api';

/** Cameras are looked at this often. */
const lookEveryMs = 1_000;
/**
 * A decision is near from here on, seconds: the longest group of pictures of which only keyframes are
 * decoded, and a decoder's start.
 */
const nearS = 6;
/** So long every picture is decoded then. It is asked for again while the decision stays near. */
const forMs = 4_000;

export interface NearDecisionsOptions {
  readonly cameras: readonly string[];
  /** The candidates that a camera's rules watch. */
  readonly watched: (camera: string) => readonly Pick<Watched, 'gates'>[];
  readonly vision: VisionClient;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells vision where a rule is about to decide by time, so that the decision is not late by a keyframe's
 * distance.
 */
export class NearDecisions implements Part {
  readonly #options: NearDecisionsOptions;
  #stop: () => void = () => undefined;

  constructor(options: NearDecisionsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#stop = every(this.#options.clock, lookEveryMs, () => {
      for (const camera of this.#options.cameras)
        if (this.#options.watched(camera).some(isNear)) void this.#ask(camera);
    });
  }

  stop(): void {
    this.#stop();
  }

  async #ask(camera: string): Promise<void> {
    try {
      await this.#options.vision.call('decisionNear', { params: { id: camera }, query: { forMs } });
    } catch (error) {
      // Without it the decision comes a keyframe later at most.
      this.#options.log.debug('decision-not-told', { camera, reason: describeError(error) });
    }
  }
}

/**
 * True if a time is within `nearS` of its threshold, from either side: an incident is due, or would clear.
 */
function isNear({ gates }: Pick<Watched, 'gates'>): boolean {
  return gates.some(
    ({ unit, value, threshold }) =>
      unit === 's' &&
      typeof value === 'number' &&
      typeof threshold === 'number' &&
      value > 0 &&
      value < threshold &&
      threshold - value <= nearS,
  );
}
