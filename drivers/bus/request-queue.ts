/** Order on a bus, most urgent first (doors.md, contract 8). */
export const priorities = ['safety', 'guard', 'remote', 'poll'] as const;
export type Priority = (typeof priorities)[number];

/**
 * What waits for a bus, most urgent first, first come first served among equals. Bounded: when full, the newest of
 * the least urgent makes room for something more urgent (drop policy: drop-least-urgent-newest), else the newcomer goes.
 */
export class RequestQueue<T> {
  readonly #limit: number;
  readonly #waiting: Record<Priority, T[]> = { safety: [], guard: [], remote: [], poll: [] };

  constructor(limit: number) {
    this.#limit = limit;
  }

  get length(): number {
    return priorities.reduce((sum, priority) => sum + this.#waiting[priority].length, 0);
  }

  /** Returns what had to go: nothing, something less urgent, or the item itself. */
  push(priority: Priority, item: T): T | undefined {
    const full = this.length >= this.#limit;
    const victim = full ? this.#leastUrgent(priority) : undefined;
    if (full && victim === undefined) return item;
    this.#waiting[priority].push(item);
    return victim;
  }

  shift(): T | undefined {
    for (const priority of priorities) {
      const item = this.#waiting[priority].shift();
      if (item !== undefined) return item;
    }
    return undefined;
  }

  remove(item: T): boolean {
    for (const priority of priorities) {
      const at = this.#waiting[priority].indexOf(item);
      if (at >= 0) {
        this.#waiting[priority].splice(at, 1);
        return true;
      }
    }
    return false;
  }

  #leastUrgent(than: Priority): T | undefined {
    const lower = priorities.slice(priorities.indexOf(than) + 1).toReversed();
    for (const priority of lower) {
      const item = this.#waiting[priority].pop();
      if (item !== undefined) return item;
    }
    return undefined;
  }
}
