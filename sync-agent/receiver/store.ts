import type { EventClass, WireAck } from '@gatehouse/contracts';
import type { ReceivedEvent } from './intake.ts';

/** Days after which events of a class may be deleted. */
export type RetentionDays = Readonly<Record<EventClass, number>>;

/** Most events that one pass of retention deletes in one transaction, so that none holds a lock for long. */
export const pruneChunk = 5000;
/**
 * Most streams told after a reconnect, the ones heard of last first: 20,000 are four classes of 5,000 boxes.
 */
export const positionsLimit = 20_000;

/**
 * The platform's database as the receiver needs it: one SQLite file, or PostgreSQL shared by several
 * receivers. An error with the fault `environment` means that the database cannot be used now; any other,
 * that something in the batch cannot be stored.
 */
export interface ReceiverStore {
  /**
   * Takes a batch in one durable transaction. An event seen before (`source` + `id`) changes nothing but its
   * count of deliveries. Returns, for every stream in the batch, up to where it is complete, whoever stored
   * the events: what may be acknowledged.
   */
  apply(batch: readonly ReceivedEvent[], receivedAt: string): Promise<readonly WireAck[]>;
  /** Up to where every known stream is complete; at most `positionsLimit`, the ones heard of last. */
  positions(): Promise<readonly WireAck[]>;
  /** Counts messages that were no events. */
  refuse(why: string, receivedAt: string, count: number): Promise<void>;
  /**
   * Deletes what is older than its term: events that are below their stream's acknowledged number, and the
   * current state of what ended. At most `pruneChunk` events a transaction; returns how many events went. A
   * repeat of one is still known as such.
   */
  prune(terms: RetentionDays, now: string): Promise<number>;
  /**
   * A person has found out what the findings about a box mean: they stand as settled, by whom and when, until
   * something is found anew. Returns how many there were.
   */
  settle(box: string, by: string, at: string): Promise<number>;
  close(): Promise<void>;
}
