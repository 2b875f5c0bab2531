import type { BackoffOptions, Random } from '@gatehouse/kit';
import { Backoff } from '@gatehouse/kit';
import type { PullFailure } from './failure.ts';

/**
 * Three paces of coming back. `quick`: after an outage of T the next wait is about T/4, so a camera that was
 * away for under 10 s is back within 3 s. `slow`: somebody has to change something at the camera.
 * `locked-out`: a camera locks an account after about five wrong passwords in half an hour (Hikvision, Dahua
 * defaults); one try a minute, then one in 15 minutes.
 */
const paces = {
  quick: { firstMs: 500, capMs: 30_000, factor: 1.25 },
  slow: { firstMs: 5_000, capMs: 120_000, factor: 2 },
  'locked-out': { firstMs: 120_000, capMs: 900_000, factor: 2 },
} as const satisfies Record<string, BackoffOptions>;
type Pace = keyof typeof paces;

const paceOf: Readonly<Record<PullFailure, Pace>> = {
  CAMERA_UNAUTHORIZED: 'locked-out',
  CAMERA_UNREACHABLE: 'quick',
  CAMERA_STALLED: 'quick',
  CAMERA_ENDED: 'quick',
  CAMERA_GARBAGE: 'quick',
  CAMERA_NOT_FOUND: 'slow',
  CAMERA_NO_VIDEO: 'slow',
  CAMERA_BASIC_REFUSED: 'slow',
  CAMERA_ELSEWHERE: 'slow',
  CAMERA_UDP_ONLY: 'slow',
  CAMERA_TLS: 'slow',
  CAMERA_SECRET_MISSING: 'slow',
  FFMPEG_MISSING: 'slow',
};

/**
 * When to try a camera again: each kind of failure keeps its own pace; a change of kind does not forget the
 * others.
 */
export class RetryPlan {
  readonly #backoffs: Readonly<Record<Pace, Backoff>>;
  constructor(random: Random) {
    this.#backoffs = {
      quick: new Backoff(paces.quick, random),
      slow: new Backoff(paces.slow, random),
      'locked-out': new Backoff(paces['locked-out'], random),
    };
  }
  /** Milliseconds to wait before the next attempt. After a 401 never under 60 s. */
  nextMs(failure: PullFailure): number {
    return this.#backoffs[paceOf[failure]].nextMs();
  }
  /** The camera has been delivering for a while: start over. */
  reset(): void {
    for (const backoff of Object.values(this.#backoffs)) backoff.reset();
  }
}
