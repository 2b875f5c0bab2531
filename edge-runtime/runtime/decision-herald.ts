import type { CameraView, Gate, TrackFrame } from '@gatehouse/contracts';
import type { Clock, Log, Part } from '@gatehouse/kit';
import type { Hub } from './hub.ts';

export interface DecisionHeraldOptions {
  readonly frames: Hub<TrackFrame>;
  /** What the rules of a camera have their eye on now. */
  readonly view: (camera: string) => CameraView;
  /** Has everything of a camera decoded for so long, ms. */
  readonly announce: (camera: string, forMs: number) => Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/** A camera is looked through this often, and announced again at most this often. */
const lookEveryMs = 1_000;
const announceEveryMs = 5_000;
/** So long before a rule may decide every picture counts; until then keyframes will do while nothing moves. */
const nearMs = 10_000;
/** The decision falls within the announced time, also when frames come late. */
const marginMs = 5_000;

/** Tells the vision service when a rule is about to decide, so that a quiet camera is not judged from keyframes alone. */
export class DecisionHerald implements Part {
  readonly #options: DecisionHeraldOptions;
  readonly #lookedMs = new Map<string, number>();
  readonly #announcedMs = new Map<string, number>();
  #stop: () => void = () => undefined;
  constructor(options: DecisionHeraldOptions) {
    this.#options = options;
  }
  start(): void {
    this.#stop = this.#options.frames.subscribe(({ camera }) => this.#look(camera));
  }
  stop(): void {
    this.#stop();
  }

  #look(camera: string): void {
    const { view, announce, clock, log } = this.#options;
    const nowMs = clock.monotonicMs();
    if (!isDue(this.#lookedMs, camera, nowMs, lookEveryMs)) return;
    this.#lookedMs.set(camera, nowMs);
    const leftMs = view(camera).watched.map(({ phase, gates }) =>
      phase === 'watching' ? leftOf(gates) : undefined,
    );
    const near = leftMs.filter((ms) => ms !== undefined && ms <= nearMs);
    if (near.length === 0 || !isDue(this.#announcedMs, camera, nowMs, announceEveryMs)) return;
    this.#announcedMs.set(camera, nowMs);
    // Without an answer the rules decide from what they get; the next look announces again.
    announce(camera, nearMs + marginMs).catch((error) =>
      log.debug('decision-not-announced', { camera, error }),
    );
  }
}

function isDue(last: ReadonlyMap<string, number>, camera: string, nowMs: number, everyMs: number): boolean {
  return nowMs - (last.get(camera) ?? Number.NEGATIVE_INFINITY) >= everyMs;
}

/** Time until the rule decides, if only time is missing: the longest that an unmet duration still lacks, ms. */
function leftOf(gates: readonly Gate[]): number | undefined {
  const unmet = gates.filter(({ passed }) => !passed);
  const lacking = unmet.map(({ value, threshold, unit }) =>
    unit === 's' && typeof value === 'number' && typeof threshold === 'number' && value < threshold
      ? (threshold - value) * 1000
      : Number.POSITIVE_INFINITY,
  );
  return lacking.length > 0 ? Math.max(...lacking) : undefined;
}
