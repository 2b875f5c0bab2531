/**
 * Order on a bus, most urgent first (drivers/README.md): a fire release, the box's own reflexes (raise,
 * let go a relay), a guard's stop, a guard's open, requests from elsewhere, schedules, the rest of a poll
 * that has begun, polls.
 */
export const priorities = [
  'fire',
  'safety',
  'stop',
  'guard',
  'remote',
  'schedule',
  'poll-rest',
  'poll',
] as const;
export type Priority = (typeof priorities)[number];

/** These go out after the frame in flight, whatever else waits. */
const urgent: readonly Priority[] = ['fire', 'safety', 'stop'];
const polls: readonly Priority[] = ['poll-rest', 'poll'];
const commands: readonly Priority[] = ['guard', 'remote', 'schedule'];

/**
 * Of so many turns one at least is a poll's while one waits, however many commands do: without it a flood of
 * commands would make everything that is read old, and with it a full bus is polled at a quarter of its rate.
 */
export const pollShare = 4;

/** Polls that wait: one a board or sensor, and a bus has 247 addresses. */
const pollLimit = 256;

/** Parties whose last turn is remembered; past it all begin anew. */
const mostParties = 256;

/**
 * Requests that wait for a bus, most urgent first, with a share for polls that no flood of commands takes
 * (`pollShare`). Among equals parties take turns, so that one person's many commands do not keep another's
 * one waiting; of one party first come is first served. Bounded apart: when `limit` commands wait, the newest
 * of the least urgent makes room for something more urgent (drop policy: drop-least-urgent-newest), else the
 * newcomer goes; of polls the newcomer goes (drop-newest).
 */
export class RequestQueue<T> {
  readonly #limit: number;
  readonly #partyOf: (item: T) => string;
  /** When each party had a turn last, in turns. */
  readonly #served = new Map<string, number>();
  #turns = 0;
  readonly #waiting: Record<Priority, T[]> = {
    fire: [],
    safety: [],
    stop: [],
    guard: [],
    remote: [],
    schedule: [],
    'poll-rest': [],
    poll: [],
  };
  /** Turns of commands since a poll had its turn. */
  #sincePoll = 0;

  constructor(limit: number, partyOf: (item: T) => string = () => '') {
    this.#limit = limit;
    this.#partyOf = partyOf;
  }

  get length(): number {
    return this.#count(priorities);
  }

  /** Returns what had to go: nothing, something less urgent, or the item itself. */
  push(priority: Priority, item: T): T | undefined {
    if (polls.includes(priority)) {
      if (this.#count(polls) >= pollLimit) return item;
      this.#waiting[priority].push(item);
      return undefined;
    }
    const full = this.#count(urgent) + this.#count(commands) >= this.#limit;
    const victim = full ? this.#leastUrgent(priority) : undefined;
    if (full && victim === undefined) return item;
    this.#waiting[priority].push(item);
    return victim;
  }

  /**
   * Takes out the item whose turn it is among those that are ready; one that is not lets everything behind it
   * pass.
   */
  shift(ready: (item: T) => boolean = () => true): T | undefined {
    const pollsTurn = this.#sincePoll >= pollShare - 1;
    const order = pollsTurn ? [urgent, polls, commands] : [urgent, commands, polls];
    for (const group of order) {
      const item = this.#take(group, ready);
      if (item === undefined) continue;
      if (group === polls) this.#sincePoll = 0;
      else if (group === commands) this.#sincePoll = Math.min(this.#sincePoll + 1, pollShare);
      return item;
    }
    return undefined;
  }

  /** The waiting requests, most urgent first. */
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

  #take(group: readonly Priority[], ready: (item: T) => boolean): T | undefined {
    for (const priority of group) {
      const waiting = this.#waiting[priority];
      const at = group === commands ? this.#fairest(waiting, ready) : waiting.findIndex(ready);
      if (at >= 0) return waiting.splice(at, 1)[0];
    }
    return undefined;
  }

  /** Of what is ready, the first of the party that had its last turn longest ago. */
  #fairest(waiting: readonly T[], ready: (item: T) => boolean): number {
    let best = -1;
    let bestTurn = Number.POSITIVE_INFINITY;
    for (const [at, item] of waiting.entries()) {
      const turn = this.#served.get(this.#partyOf(item)) ?? Number.NEGATIVE_INFINITY;
      if (turn >= bestTurn || !ready(item)) continue;
      best = at;
      bestTurn = turn;
    }
    const item = waiting[best];
    if (item === undefined) return -1;
    if (this.#served.size >= mostParties) this.#served.clear();
    this.#served.set(this.#partyOf(item), this.#turns++);
    return best;
  }

  #count(group: readonly Priority[]): number {
    return group.reduce((sum, priority) => sum + this.#waiting[priority].length, 0);
  }

  #leastUrgent(than: Priority): T | undefined {
    const lower = [...urgent, ...commands];
    for (const priority of lower.slice(lower.indexOf(than) + 1).toReversed()) {
      const item = this.#waiting[priority].pop();
      if (item !== undefined) return item;
    }
    return undefined;
  }
}
