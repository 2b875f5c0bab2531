/** A fault of the box, as it is compared before and after. */
export interface Fault {
  /** Stable code, as the platform gets it. */
  readonly reason: string;
  /** The camera or service. */
  readonly subject?: string;
  /** Cannot pass by itself: it need not last before it counts. */
  readonly certain?: boolean;
}

/** A version is watched for so long before it is settled. */
export const watchMs = 3 * 60_000;
/** A fault must last this long: cameras reconnect and services report late without anybody's doing. */
export const lastsMs = 30_000;

/** The identity of a fault, by which the same one is recognised before and after. */
export function faultKey({ reason, subject = '' }: Fault): string {
  return `${reason} ${subject}`;
}

export type Judgement =
  | { readonly is: 'watching' | 'held' }
  | { readonly is: 'worse'; readonly fault: Fault };

/**
 * Compares a box with its state before a version: a fault that it had before is not the new version's. Times
 * are monotonic milliseconds.
 */
export class RollbackWatch {
  readonly #before: ReadonlySet<string>;
  readonly #startedMs: number;
  readonly #sinceMs = new Map<string, number>();

  constructor(before: readonly string[], nowMs: number) {
    this.#before = new Set(before);
    this.#startedMs = nowMs;
  }

  /** Takes the faults of now. The version is settled once the time is over and there is no new fault. */
  judge(faults: readonly Fault[], nowMs: number): Judgement {
    const fresh = faults.filter((fault) => !this.#before.has(faultKey(fault)));
    const keys = new Set(fresh.map(faultKey));
    for (const key of this.#sinceMs.keys()) if (!keys.has(key)) this.#sinceMs.delete(key);
    for (const fault of fresh) {
      const key = faultKey(fault);
      const sinceMs = this.#sinceMs.get(key) ?? nowMs;
      this.#sinceMs.set(key, sinceMs);
      if (fault.certain || nowMs - sinceMs >= lastsMs) return { is: 'worse', fault };
    }
    const over = nowMs - this.#startedMs >= watchMs;
    return { is: over && fresh.length === 0 ? 'held' : 'watching' };
  }
}
