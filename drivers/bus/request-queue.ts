/**
 * Order on a bus, most urgent first (doors.md, contract 8): a fire release, the box's own reflexes (raise, let go a relay),
 * a guard's stop or open, requests from elsewhere, schedules, the rest of a poll that has begun, polls.
 */
export const priorities = ['fire', 'safety', 'guard', 'remote', 'schedule', 'poll-rest', 'poll'] as const;
export type Priority = (typeof priorities)[number];

/**
 * What waits for a bus, most urgent first, first come first served among equals. Bounded: when full, the newest of
 * the least urgent makes room for something more urgent (drop policy: drop-least-urgent-newest), else the newcomer goes.
 */
export class RequestQueue<T> {
  readonly #limit: number;
  readonly #waiting: Record<Priority, T[]> = {
    fire: [],
    safety: [],
    guard: [],
    remote: [],
    schedule: [],
    'poll-rest': [],
    poll: [],
  };

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

  /** Takes out the first item that is ready; one that is not lets everything behind it pass. */
  shift(ready: (item: T) => boolean = () => true): T | undefined {
    for (const priority of priorities) {
      const at = this.#waiting[priority].findIndex(ready);
      if (at >= 0) return this.#waiting[priority].splice(at, 1)[0];
    }
    return undefined;
  }

  /** What waits, most urgent first. */
  items(): readonly T[] {
    return priorities.flatMap((priority) => this.#waiting[priority]);
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
