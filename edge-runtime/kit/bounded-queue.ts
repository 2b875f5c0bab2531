/** The item that a full queue drops when one more arrives. */
export type DropPolicy = 'drop-oldest' | 'drop-newest';

/** A first-in first-out queue with a limit, a named drop policy and a count of what it dropped. */
export class BoundedQueue<T> {
  readonly #items: T[] = [];
  readonly #limit: number;
  readonly #policy: DropPolicy;
  #dropped = 0;
  constructor(limit: number, policy: DropPolicy) {
    if (!Number.isInteger(limit) || limit < 1)
      throw new RangeError(`queue limit ${limit} must be a whole number >= 1`);
    this.#limit = limit;
    this.#policy = policy;
  }
  get length(): number {
    return this.#items.length;
  }
  get dropped(): number {
    return this.#dropped;
  }
  /** Returns false if this very item was dropped. */
  push(item: T): boolean {
    if (this.#items.length < this.#limit) {
      this.#items.push(item);
      return true;
    }
    this.#dropped++;
    if (this.#policy === 'drop-newest') return false;
    this.#items.shift();
    this.#items.push(item);
    return true;
  }
  shift(): T | undefined {
    return this.#items.shift();
  }
}
