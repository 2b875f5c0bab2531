import type { CameraConditionName } from '@gatehouse/contracts';

/**
 * When a measured value is a condition, and when no longer: two thresholds and two times, so that it never
 * flutters.
 */
export interface ConditionTerms {
  readonly name: CameraConditionName;
  /** On which side of the threshold trouble lies. */
  readonly trouble: 'above' | 'below';
  readonly opens: number;
  readonly clears: number;
  /** How long it must hold to open, and to clear, milliseconds. */
  readonly openAfterMs: number;
  readonly clearAfterMs: number;
  readonly unit: string;
}

/** One debounced condition. Pure: its state is what it was told. */
export class DebouncedCondition {
  readonly terms: ConditionTerms;
  #open = false;
  #sinceMs: number | undefined;
  #value = 0;
  #openedMs = 0;

  constructor(terms: ConditionTerms) {
    this.terms = terms;
  }

  get open(): boolean {
    return this.#open;
  }
  /** The condition holds at this moment, settled or not. */
  get pending(): boolean {
    return !this.#open && this.#sinceMs !== undefined;
  }
  /** When what is open now began, on the frame timeline. */
  get openedMs(): number {
    return this.#openedMs;
  }
  get value(): number {
    return this.#value;
  }

  /** Nothing is known any more: closed. */
  reset(): void {
    this.#open = false;
    this.#sinceMs = undefined;
  }

  /** @param value undefined: nothing can be said now, and nothing changes */
  see(nowMs: number, value: number | undefined): void {
    if (value === undefined) {
      this.#sinceMs = undefined;
      return;
    }
    this.#value = value;
    const { trouble, opens, clears, openAfterMs, clearAfterMs } = this.terms;
    const beyond = (limit: number) => (trouble === 'above' ? value > limit : value < limit);
    const turning = this.#open ? !beyond(clears) : beyond(opens);
    if (!turning) {
      this.#sinceMs = undefined;
      return;
    }
    this.#sinceMs ??= nowMs;
    if (nowMs - this.#sinceMs < (this.#open ? clearAfterMs : openAfterMs)) return;
    if (!this.#open) this.#openedMs = this.#sinceMs;
    this.#open = !this.#open;
    this.#sinceMs = undefined;
  }
}
